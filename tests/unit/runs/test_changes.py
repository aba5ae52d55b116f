"""What differs from the preset, in few characters: two trials that differ look different wherever
there is room.
"""

import hashlib

import pytest
from helpers.factory import alice_trial, preset, sunspots_trial
from hypothesis import given
from hypothesis import strategies as st

from engine.reports.document import describe_request
from engine.runs.changes import fit_changes, seed_change, short_changes
from engine.trials.trial import (
    SHORT_NAMES,
    DataReference,
    ForecastParameters,
    TextParameters,
    Trial,
)

RAIN = DataReference(name="rain_of_all_years.csv", sha256=hashlib.sha256(b"").hexdigest())


def short(trial: Trial) -> str:
    return " ".join(short_changes(trial, preset(trial.preset)))


@pytest.mark.parametrize(
    ("trial", "words"),
    [
        (sunspots_trial(5), ""),
        (sunspots_trial(5, time_steps=18, hidden_units=6, seed=2), "t18 h6 s2"),
        (sunspots_trial(5, epochs=100, batch_size=16, activation="tanh & relu"),
        "e100 b16 tanh&relu"),
        (sunspots_trial(5, activation="relu"), "relu"),
        (sunspots_trial(5).model_copy(update={"replicates": 64}), "64 seeds"),
        (sunspots_trial(5, seed=11).model_copy(update={"replicates": 64}), "s11–74"),
        (sunspots_trial(5, seed=2).model_copy(update={"data": RAIN}), "rain_of_all_years.csv s2"),
        (alice_trial(1, iterations=3, epochs_per_iteration=2, seed=5), "i3 e2 s5"),
        (alice_trial(1, predictions=7, seqlen=20, hidden_units=9, batch_size=8), "p7 l20 h9 b8"),
    ],
)  # fmt: skip
def test_what_differs_in_a_few_characters(trial: Trial, words: str) -> None:
    assert short(trial) == words


def test_every_parameter_has_a_short_name_that_is_no_other_s() -> None:
    for model in (ForecastParameters, TextParameters):
        names = [SHORT_NAMES.get(name, name) for name in model.model_fields]
        assert len(set(names)) == len(names)
        # That of the random seed.
        assert "s" not in names


FORECASTS = st.builds(
    sunspots_trial,
    st.integers(1, 2),
    seed=st.integers(1, 12),
    epochs=st.integers(9, 31),
    time_steps=st.integers(9, 13),
    activation=st.sampled_from(["tanh", "relu", "tanh & relu", "relu & tanh"]),
    hidden_units=st.integers(2, 4),
).flatmap(lambda trial: st.sampled_from([trial, trial.model_copy(update={"replicates": 4})]))


@given(FORECASTS, FORECASTS)
def test_two_trials_of_a_preset_that_differ_look_different(one: Trial, other: Trial) -> None:
    if one.preset == other.preset:
        assert (short(one) == short(other)) == (one == other)


@given(FORECASTS, st.integers(1, 60))
def test_what_does_not_fit_is_cut_between_two_items_and_says_so(trial: Trial, room: int) -> None:
    long, items = (
        describe_request(trial, preset(trial.preset)),
        short_changes(trial, preset(trial.preset)),
    )
    shown = fit_changes(long, items, room)
    assert len(shown) <= room
    if shown not in (long, " ".join(items)):
        assert len(" ".join(items)) > room
        # An item may have a space: "4 seeds".
        whole = shown in [" ".join([*items[:count], "…", items[-1]]) for count in range(len(items))]
        # For less there is no room.
        assert whole or (shown.endswith("…") and len(f"… {items[-1]}") > room)


def test_the_seed_stays_whatever_else_does_not_fit() -> None:
    items = ["e99", "b7", "t18", "tanh&relu", "h6", "s4294967295"]
    assert fit_changes("long " * 20, items, 26) == "e99 b7 t18 … s4294967295"
    assert fit_changes("long " * 20, items, 15) == "… s4294967295"
    assert fit_changes("long " * 20, ["rain_of_all_years.csv", "s2"], 10) == "… s2"


def test_a_name_that_is_too_long_alone_is_cut() -> None:
    assert (
        fit_changes("series sunspots → rain_of_all_years.csv", ["rain_of_all_years.csv"], 10)
        == "rain_of_a…"
    )


def test_without_room_or_changes_there_is_something_to_see() -> None:
    assert fit_changes("–", [], -1) == "…"


@pytest.mark.parametrize(
    ("seed", "replicates", "words"),
    [(1, 1, ""), (2, 1, "seed 2"), (1, 64, "64 seeds"), (11, 64, "seeds 11–74"), (0, 1, "seed 0")],
)
def test_seeds_are_part_of_what_differs(seed: int, replicates: int, words: str) -> None:
    trial = sunspots_trial(5, seed=seed, epochs=20).model_copy(update={"replicates": replicates})
    assert seed_change(trial) == words
    assert describe_request(trial, preset("sunspots/5")) == ", ".join(
        filter(None, ["epochs 35 → 20", words])
    )
