"""What may be asked of the laboratory, how a refusal reads, and that a trial comes back as it was
asked.
"""

import shlex
from typing import Any

import pytest
from helpers.factory import alice_trial, preset, sunspots_trial
from hypothesis import given
from hypothesis import strategies as st
from pydantic import TypeAdapter

from engine.errors import UsageError
from engine.operations.command_line import command_for
from engine.trials.trial import (
    ACTIVATIONS,
    LARGEST_SEED,
    DataReference,
    ForecastParameters,
    ForecastTrial,
    TextParameters,
    Trial,
    check_seed,
    describe_range,
    diff_from_preset,
    format_value,
    parameters_for,
    parameters_model,
    trial_for,
)
from presets import load

DATA = DataReference(name="sunspots", sha256="0" * 64)
TRIAL: TypeAdapter[Trial] = TypeAdapter(Trial)
FIVE, ONE = preset("sunspots/5"), preset("alice/1")


def refusal(preset_id: str, **settings: object) -> str:
    with pytest.raises(UsageError) as caught:
        parameters_for(preset(preset_id), settings)
    return str(caught.value)


@pytest.mark.parametrize("preset_id", [preset.id for preset in load()])
def test_every_preset_is_a_trial_that_changes_nothing(preset_id: str) -> None:
    trial = trial_for(preset(preset_id), DATA)
    assert trial.preset == preset_id
    assert diff_from_preset(preset(preset_id), trial.parameters) == {}
    assert trial.seed == 1


def test_settings_come_over_the_preset_as_text_or_as_values() -> None:
    for settings in ({"epochs": "7", "batch_size": " 3 "}, {"epochs": 7, "batch_size": 3}):
        parameters = parameters_for(FIVE, settings)
        assert isinstance(parameters, ForecastParameters)
        assert (parameters.epochs, parameters.batch_size, parameters.time_steps) == (7, 3, 10)
        assert diff_from_preset(FIVE, parameters) == {"epochs": (35, 7), "batch_size": (1, 3)}


@pytest.mark.parametrize(
    ("words", "pair"),
    [
        ("tanh", ("tanh", "tanh")),
        ("tanh & relu", ("tanh", "relu")),
        ("tanh,relu", ("tanh", "relu")),
        ("tanh/relu", ("tanh", "relu")),
        ("  TANH  &RELU ", ("tanh", "relu")),
        (["sigmoid", "linear"], ("sigmoid", "linear")),
    ],
)
def test_activations_are_typed_as_the_report_writes_them(
    words: object, pair: tuple[str, str]
) -> None:
    parameters = parameters_for(FIVE, {"activation": words})
    assert isinstance(parameters, ForecastParameters)
    assert parameters.activation == pair


@pytest.mark.parametrize(
    "words", ["", "swish", "tanh &", "tanh & relu & tanh", "& tanh", "tanh relu", [], ["tanh"]]
)
def test_other_activations_are_refused_with_those_there_are(words: object) -> None:
    said = refusal("sunspots/5", activation=words)
    assert said.startswith("activation = ")
    assert said.endswith(": must be one or two of tanh, linear, relu, sigmoid.")


@pytest.mark.parametrize(
    ("preset_id", "key", "value", "words"),
    [
        ("sunspots/5", "epochs", "0", "epochs = 0: must be a whole number, 1 to 100000."),
        ("sunspots/5", "epochs", "-1", "epochs = -1: must be a whole number, 1 to 100000."),
        ("sunspots/5", "epochs", "100001", "epochs = 100001: must be a whole number, 1 to 100000."),
        ("sunspots/5", "epochs", "2.5", "epochs = 2.5: must be a whole number, 1 to 100000."),
        ("sunspots/5", "epochs", "many", "epochs = many: must be a whole number, 1 to 100000."),
        ("sunspots/5", "epochs", "", "epochs = nothing: must be a whole number, 1 to 100000."),
        ("sunspots/5", "epochs", "nan", "epochs = nan: must be a whole number, 1 to 100000."),
        (
            "sunspots/5",
            "epochs",
            float("inf"),
            "epochs = inf: must be a whole number, 1 to 100000.",
        ),
        ("sunspots/5", "dense_units", "2", "dense_units = 2: must be 1."),
        ("alice/1", "seqlen", "0", "seqlen = 0: must be a whole number, 1 to 1000."),
        (
            "alice/1",
            "hidden_units",
            "9999",
            "hidden_units = 9999: must be a whole number, 1 to 2048.",
        ),
    ],
)
def test_a_value_out_of_range_is_refused_with_the_range(
    preset_id: str, key: str, value: object, words: str
) -> None:
    assert refusal(preset_id, **{key: value}) == words


@pytest.mark.parametrize(
    ("preset_id", "key", "others"),
    [
        (
            "sunspots/5",
            "iterations",
            "epochs, batch_size, time_steps, activation, hidden_units, dense_units",
        ),
        (
            "alice/1",
            "epochs",
            "iterations, epochs_per_iteration, predictions, seqlen, hidden_units, batch_size",
        ),
        (
            "alice/1",
            "",
            "iterations, epochs_per_iteration, predictions, seqlen, hidden_units, batch_size",
        ),
        (
            "alice/1",
            "SEQLEN",
            "iterations, epochs_per_iteration, predictions, seqlen, hidden_units, batch_size",
        ),
    ],
)
def test_an_unknown_key_is_refused_with_those_there_are(
    preset_id: str, key: str, others: str
) -> None:
    assert (
        refusal(preset_id, **{key: "1"})
        == f"{preset_id} has no parameter {key!r}. Its parameters are {others}."
    )


def test_a_refusal_neither_floods_nor_commands_the_terminal() -> None:
    assert len(refusal("sunspots/5", epochs="9" * 10_000)) < 120
    assert refusal("sunspots/5", epochs="\x1b[2J1\n2").isprintable()
    assert refusal("sunspots/5", **{"\x1b[2J": "1"}).isprintable()


@pytest.mark.parametrize("kind", ["forecast", "text"])
def test_the_range_that_is_said_is_the_range_that_holds(kind: Any) -> None:
    given_preset = FIVE if kind == "forecast" else ONE
    for name in parameters_model(kind).model_fields:
        words = describe_range(kind, name)
        if name == "activation":
            assert words == f"one or two of {', '.join(ACTIVATIONS)}"
            continue
        low, _to, high = words.partition(" to ")
        for good in (low, high or low):
            assert str(getattr(parameters_for(given_preset, {name: good}), name)) == good
        for bad in (int(low) - 1, int(high or low) + 1):
            assert words in refusal(given_preset.id, **{name: bad})


@pytest.mark.parametrize("seed", [-1, LARGEST_SEED + 1, 10**30])
def test_a_seed_out_of_range_is_refused_with_the_range(seed: int) -> None:
    with pytest.raises(
        UsageError, match=f"seed = {seed}: must be a whole number, 0 to 4294967295."
    ):
        trial_for(FIVE, DATA, seed=seed)


@pytest.mark.parametrize("seed", [0, LARGEST_SEED])
def test_the_extreme_seeds_are_seeds(seed: int) -> None:
    assert trial_for(FIVE, DATA, seed=seed).seed == seed


@pytest.mark.parametrize(
    ("typed", "seed"), [("0", 0), (" 7 ", 7), ("007", 7), ("4294967295", LARGEST_SEED), (3, 3)]
)
def test_a_seed_is_taken_as_it_is_typed(typed: int | str, seed: int) -> None:
    assert check_seed(typed) == seed


@pytest.mark.parametrize(
    "typed", ["", " ", "one", "1.0", "1e3", "+1", "-0", "0x1", "1_0", "1 0", "²", "٣", "9" * 5000]
)
def test_a_seed_that_is_no_whole_number_is_refused_with_the_range(typed: str) -> None:
    with pytest.raises(UsageError) as caught:
        check_seed(typed)
    assert str(caught.value).startswith("seed = ")
    assert str(caught.value).endswith(": must be a whole number, 0 to 4294967295.")
    assert len(str(caught.value)) < 120


@pytest.mark.parametrize(
    "digest",
    [
        "",
        "0" * 63,
        "0" * 65,
        "G" * 64,
        "A" * 64,
        "0" * 64 + "\n",
        "\n" + "0" * 64,
        "../" + "0" * 61,
    ],
)
def test_data_is_named_by_a_digest_and_nothing_else(digest: str) -> None:
    with pytest.raises(ValueError, match="sha256"):
        DataReference(name="text", sha256=digest)


@pytest.mark.parametrize("name", ["", "a\nb", "a\n", "\x1b[2J", "\x7f", "\x9b31m", "a" * 256])
def test_data_has_a_name_that_can_be_shown(name: str) -> None:
    with pytest.raises(ValueError, match="name"):
        DataReference(name=name, sha256="0" * 64)


@pytest.mark.parametrize(
    "name", ["", "sunspots", "weather/1", "sunspots/", "sunspots/x", "sunspots/5\n", "x\nalice/1"]
)
def test_a_trial_is_of_a_numbered_preset(name: str) -> None:
    with pytest.raises(ValueError, match="preset"):
        ForecastTrial(preset=name, data=DATA, parameters=sunspots_trial().parameters)


SUNSPOTS = st.builds(
    ForecastParameters,
    epochs=st.integers(1, 100_000),
    batch_size=st.integers(1, 100_000),
    time_steps=st.integers(1, 1_000),
    activation=st.tuples(st.sampled_from(ACTIVATIONS), st.sampled_from(ACTIVATIONS)),
    hidden_units=st.integers(1, 1_024),
    dense_units=st.just(1),
)
ALICE = st.builds(
    TextParameters,
    iterations=st.integers(1, 10_000),
    epochs_per_iteration=st.integers(1, 1_000),
    predictions=st.integers(1, 100_000),
    seqlen=st.integers(1, 1_000),
    hidden_units=st.integers(1, 2_048),
    batch_size=st.integers(1, 100_000),
)


@given(SUNSPOTS | ALICE, st.integers(0, LARGEST_SEED), st.sampled_from(["cpu", "gpu"]))
def test_a_trial_comes_back_from_its_json(
    parameters: ForecastParameters | TextParameters, seed: int, device: Any
) -> None:
    given_preset = FIVE if isinstance(parameters, ForecastParameters) else ONE
    trial = trial_for(
        given_preset, DATA, settings=parameters.model_dump(), seed=seed, device=device
    )
    assert trial.parameters == parameters
    assert TRIAL.validate_json(trial.model_dump_json()) == trial


@given(SUNSPOTS | ALICE)
def test_what_is_shown_can_be_typed_again(parameters: ForecastParameters | TextParameters) -> None:
    given_preset = FIVE if isinstance(parameters, ForecastParameters) else ONE
    typed = {name: format_value(value) for name, value in parameters}
    assert parameters_for(given_preset, typed) == parameters
    differing = {
        name: format_value(value)
        for name, (_before, value) in diff_from_preset(given_preset, parameters).items()
    }
    assert parameters_for(given_preset, differing) == parameters


@given(SUNSPOTS, st.integers(0, LARGEST_SEED), st.sampled_from(["cpu", "gpu"]))
def test_the_command_of_a_forecast_asks_for_the_same_trial(
    parameters: ForecastParameters, seed: int, device: Any
) -> None:
    trial = trial_for(FIVE, DATA, settings=parameters.model_dump(), seed=seed, device=device)
    assert asked(command_for(trial)) == (
        "sunspots/5", str(seed), device, None, parameters,
    )  # fmt: skip


@pytest.mark.parametrize(
    "file", ["/tmp/plain.txt", "/tmp/with blank.txt", "/tmp/it's $HOME; `x`.txt", "/tmp/ñ\n.txt"]
)
def test_the_command_of_a_text_names_its_file_for_the_shell(file: str) -> None:
    data = DataReference(name="text", sha256="0" * 64, file=file)
    trial = alice_trial(4, data=data, seqlen=7)
    assert asked(command_for(trial)) == ("alice/4", "1", "cpu", file, trial.parameters)


def test_the_command_of_a_named_text_gives_the_name() -> None:
    assert shlex.split(command_for(alice_trial(4)))[-2:] == ["--corpus", "alice"]


def asked(command: str) -> tuple[str, str, str, str | None, ForecastParameters | TextParameters]:
    """Take a command line apart as the shell and the command do."""
    program, verb, preset_id, *options = shlex.split(command)
    # How the data are read: --letters=ascii.
    options = [option for option in options if "=" not in option or not option.startswith("--")]
    assert (program, verb) == ("rnnlab-tui", "run")
    pairs = list(zip(options[::2], options[1::2], strict=True))
    single = dict(pair for pair in pairs if pair[0] != "--set")
    settings = dict(value.split("=", 1) for option, value in pairs if option == "--set")
    return (
        preset_id,
        single["--seed"],
        single.get("--device", "cpu"),
        single.get("--corpus"),
        parameters_for(preset(preset_id), settings),
    )


def test_a_trial_can_t_be_changed() -> None:
    trial = sunspots_trial()
    with pytest.raises(ValueError, match="frozen"):
        trial.seed = 2
