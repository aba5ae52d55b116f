"""Trials: the parameters, the seed and the data that are asked for, before anything runs."""

from collections.abc import Mapping
from itertools import permutations
from typing import Annotated, Any, ClassVar, Literal, get_args, get_origin

from pydantic import (
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    TypeAdapter,
    ValidationError,
    field_validator,
)

from engine.errors import UsageError
from engine.language import _
from engine.trials.data_options import (
    AS_WRITTEN,
    REPORT_PREPARATION,
    SeriesReading,
    TextPreparation,
)
from engine.urls import show_url
from presets import Kind, Preset

_OLDER_KINDS = {"sunspots": "forecast", "alice": "text"}
"""What ``trial.json`` called the kinds before its schema 2."""
Activation = Literal["tanh", "linear", "relu", "sigmoid"]
Device = Literal["cpu", "gpu"]
ACTIVATIONS: tuple[str, ...] = get_args(Activation)
LARGEST_SEED = 2**32 - 1
LARGEST_REPLICATES = 10_000
SHORT_DIGEST = 12
"""How many characters of a digest are shown if there is no room for all."""
# A name is shown everywhere: one with line ends or escape sequences was not written by this
# program.
_PRINTABLE = r"^[^\x00-\x1f\x7f-\x9f]{1,255}$"


class _Frozen(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class ForecastParameters(_Frozen):
    """Parameters of a forecasting trial: cell(``hidden_units``) → Dense(``dense_units``).

    ``time_steps`` is the window's length; ``activation`` is the recurrent layer's, then the dense
    layer's. The report's protocol forecasts one value, so ``dense_units`` is 1.
    """

    kind: ClassVar[Kind] = "forecast"
    length_parameter: ClassVar = "epochs"
    """The parameter by which a run can be extended."""
    window_parameter: ClassVar = "time_steps"
    has_iterations: ClassVar = False
    cell: ClassVar = "SimpleRNN"
    """One of :data:`engine.numerics.cells.CELLS`. Once there are several, a Literal of their names
    makes this a parameter that people choose."""

    epochs: int = Field(ge=1, le=100_000)
    batch_size: int = Field(ge=1, le=100_000)
    time_steps: int = Field(ge=1, le=1_000)
    activation: tuple[Activation, Activation]
    hidden_units: int = Field(ge=1, le=1_024)
    dense_units: int = Field(ge=1, le=1)

    @field_validator("activation", mode="before")
    @classmethod
    def _from_words(cls, value: object) -> object:
        """Take "tanh" for both layers, "tanh & relu" as the report writes pairs, or "tanh,relu"."""
        if isinstance(value, str):
            names = value.replace("&", ",").replace("/", ",").split(",")
            value = [name.strip().lower() for name in names]
            return tuple(value * 2 if len(value) == 1 else value)
        return value

    @property
    def total_epochs(self) -> int:
        """How many epochs are trained in total, from each random seed."""
        return self.epochs

    def layer_sizes(self, _characters: int | None) -> tuple[int, int] | None:
        """Return the numbers of the network's inputs and outputs.

        ``_characters``: how many distinct ones a text has; None if that is not known yet, and then
        neither are the sizes that depend on it.
        """
        return 1, self.dense_units


class TextParameters(_Frozen):
    """Parameters of a character trial.

    The network is one-hot → cell(``hidden_units``, tanh) → Dense → softmax. After each of
    ``iterations`` rounds of ``epochs_per_iteration`` epochs it writes ``predictions`` characters
    from a seed of ``seqlen`` characters.
    """

    kind: ClassVar[Kind] = "text"
    length_parameter: ClassVar = "iterations"
    window_parameter: ClassVar = "seqlen"
    has_iterations: ClassVar = True
    cell: ClassVar = "SimpleRNN"

    iterations: int = Field(ge=1, le=10_000)
    epochs_per_iteration: int = Field(ge=1, le=1_000)
    predictions: int = Field(ge=1, le=100_000)
    seqlen: int = Field(ge=1, le=1_000)
    hidden_units: int = Field(ge=1, le=2_048)
    batch_size: int = Field(ge=1, le=100_000)

    @property
    def total_epochs(self) -> int:
        """How many epochs are trained in total."""
        return self.iterations * self.epochs_per_iteration

    def layer_sizes(self, characters: int | None) -> tuple[int, int] | None:
        """As :meth:`ForecastParameters.layer_sizes`."""
        return None if characters is None else (characters, characters)


SHORT_NAMES = {
    "epochs": "e",
    "batch_size": "b",
    "time_steps": "t",
    "activation": "",
    "hidden_units": "h",
    "dense_units": "d",
    "iterations": "i",
    "epochs_per_iteration": "e",
    "predictions": "p",
    "seqlen": "l",
}
"""Prefixes of changed parameters' values in narrow lists: ``t18``. "s" is the random seed's.

The prefixes within one kind of trial differ; a word needs none: ``tanh&relu``.
"""


class DataReference(_Frozen):
    """Which data a trial reads: its name, the SHA-256 of its bytes, and its file or URL, if any.

    A series or a text is identified by that digest wherever one is shown: in lists of data, tables,
    a run's parameters and JSON. It is known before anything is trained, and ``sha256sum FILE``
    checks it.

    For a series also the column, from 1, if its table has a choice, and the date after which it is
    cut.
    """

    name: str = Field(pattern=_PRINTABLE)
    sha256: str = Field(pattern=r"^[0-9a-f]{64}$")
    file: str | None = None
    url: str | None = None
    """Fit to show (:func:`engine.urls.show_url`): a run's files and tables are given to others."""
    column: int | None = Field(default=None, ge=1)
    until: str | None = Field(default=None, pattern=r"^[0-9]{4}(-[0-9]{2}(-[0-9]{2})?)?$")
    # Not written if they are the defaults: files stay as older versions wrote them, which can then
    # read them too.
    reading: SeriesReading = Field(default=AS_WRITTEN, exclude_if=lambda value: not value.changed())
    preparation: TextPreparation = Field(
        default=REPORT_PREPARATION, exclude_if=lambda value: not value.changed()
    )

    @field_validator("url")
    @classmethod
    def _without_secrets(cls, value: str | None) -> str | None:
        return None if value is None else show_url(value)

    @property
    def short_sha256(self) -> str:
        """The beginning of the digest, as tables show it."""
        return self.sha256[:SHORT_DIGEST]


class _Trial(_Frozen):
    preset: str = Field(pattern=r"^(sunspots|alice)/[0-9]{1,3}$")
    seed: int = Field(default=1, ge=0, le=LARGEST_SEED)
    replicates: int = Field(default=1, ge=1, le=LARGEST_REPLICATES)
    """How many random seeds are trained: ``seed``, ``seed + 1``, …"""
    data: DataReference
    device: Device = "cpu"

    @property
    def seeds(self) -> range:
        """The random seeds that are trained."""
        return range(self.seed, self.seed + self.replicates)


class ForecastTrial(_Trial):
    kind: Literal["forecast"] = "forecast"
    parameters: ForecastParameters

    report_data: ClassVar = "sunspots"
    """The name of the data that the report used."""
    data_option: ClassVar = "series"
    """The command's option, and the form's field, for other data."""
    trains_seeds_together: ClassVar = True
    """Whether one run trains several random seeds; else each gets a run of its own."""
    options_field: ClassVar = "reading"
    """The field of :class:`DataReference` that says how the data are read."""


class TextTrial(_Trial):
    kind: Literal["text"] = "text"
    parameters: TextParameters

    report_data: ClassVar = "alice"
    data_option: ClassVar = "corpus"
    trains_seeds_together: ClassVar = False
    options_field: ClassVar = "preparation"


def _with_present_kind(trial: object) -> object:
    """Rename the kind of a trial that an older version wrote."""
    if isinstance(trial, dict) and trial.get("kind") in _OLDER_KINDS:
        return {**trial, "kind": _OLDER_KINDS[trial["kind"]]}
    return trial


Trial = Annotated[
    ForecastTrial | TextTrial,
    Field(discriminator="kind"),
    BeforeValidator(_with_present_kind),
]
Parameters = ForecastParameters | TextParameters
TRIALS: dict[Kind, type[ForecastTrial] | type[TextTrial]] = {
    "forecast": ForecastTrial,
    "text": TextTrial,
}
_PARAMETERS: dict[Kind, type[ForecastParameters] | type[TextParameters]] = {
    kind: model.__annotations__["parameters"] for kind, model in TRIALS.items()
}
_TRIAL: TypeAdapter[Trial] = TypeAdapter(Trial)


def parameters_model(kind: Kind) -> type[ForecastParameters] | type[TextParameters]:
    """Return the class that holds and validates the parameters of a ``kind`` of trial."""
    return _PARAMETERS[kind]


def _names(kind: Kind, name: str) -> tuple[tuple[str, ...], bool]:
    """Return the words that a parameter takes, none if it is a number, and whether it is a pair."""
    annotation = parameters_model(kind).model_fields[name].annotation
    is_pair = get_origin(annotation) is tuple
    choice = get_args(annotation)[0] if is_pair else annotation
    return (get_args(choice) if get_origin(choice) is Literal else ()), is_pair


def choices(kind: Kind, name: str) -> tuple[str, ...]:
    """Return all values of a parameter that takes words, as people type them; else nothing.

    One word of a pair stands for both.
    """
    names, is_pair = _names(kind, name)
    return names + tuple(map(" & ".join, permutations(names, 2))) if is_pair else names


def describe_range(kind: Kind, name: str) -> str:
    """Return what parameter ``name`` may be: ``"1 to 1000"``, or the list of activations."""
    names, is_pair = _names(kind, name)
    if names:
        text = _("one or two of {names}") if is_pair else _("one of {names}")
        return text.format(names=", ".join(names))
    limits = {
        type(item).__name__: item for item in parameters_model(kind).model_fields[name].metadata
    }
    low, high = limits["Ge"].ge, limits["Le"].le
    return str(low) if low == high else _("{low} to {high}").format(low=low, high=high)


def format_value(value: object) -> str:
    """Format a parameter's value as a person types it: ``tanh & relu``; ``tanh`` if both are."""
    if isinstance(value, tuple | list):
        first, second = value
        return str(first) if first == second else f"{first} & {second}"
    return str(value)


def parameters_for(preset: Preset, settings: Mapping[str, object]) -> Parameters:
    """Return the preset's parameters overridden by ``settings`` (key → value, or its text).

    Raises :class:`UsageError` naming the first unknown key, or the first value out of range.
    """
    return override(preset, preset.parameters, settings)


def override(
    preset: Preset, parameters: Mapping[str, object], settings: Mapping[str, object]
) -> Parameters:
    """Return ``parameters`` of a trial of ``preset``, overridden by ``settings``.

    Raises :class:`UsageError` as :func:`parameters_for` does.
    """
    model = parameters_model(preset.kind)
    unknown = [key for key in settings if key not in model.model_fields]
    if unknown:
        raise UsageError(
            _("{preset} has no parameter {key!r}.").format(preset=preset.id, key=unknown[0]),
            _("Its parameters are {names}.").format(names=", ".join(model.model_fields)),
        )
    try:
        return model.model_validate({**parameters, **settings})
    except ValidationError as error:
        problem = error.errors()[0]
        key = str(problem["loc"][0])
        raise UsageError(
            _("{key} = {value}: must be {allowed}.").format(
                key=key,
                value=shorten(settings.get(key, problem["input"])),
                allowed=describe_expected(preset.kind, key),
            )
        ) from None


def shorten(value: object) -> str:
    """Return a refused value as it was given, truncated if it is long."""
    text = str(value) if str(value) else _("nothing")
    return text if len(text) <= 40 else text[:39] + "…"


def describe_expected(kind: Kind, name: str) -> str:
    """Return what parameter ``name`` must be, for a sentence: ``"a whole number, 1 to 9"``."""
    limits = describe_range(kind, name)
    return (
        limits
        if choices(kind, name) or limits.isdigit()
        else _("a whole number, {range}").format(range=limits)
    )


def check_seed(seed: int | str) -> int:
    """Return the seed as a number.

    Raises :class:`UsageError` if it is not a whole number within its range.
    """
    text = str(seed).strip()
    if text.isascii() and text.isdigit() and len(text) <= 10 and int(text) <= LARGEST_SEED:
        return int(text)
    raise UsageError(
        _("seed = {seed}: must be a whole number, 0 to {largest}.").format(
            seed=shorten(seed), largest=LARGEST_SEED
        )
    )


def trial_for(
    preset: Preset,
    data: DataReference,
    *,
    settings: Mapping[str, object] | None = None,
    seed: int = 1,
    replicates: int = 1,
    device: Device = "cpu",
) -> Trial:
    """Make a trial from a preset.

    Raises :class:`UsageError` for parameters or a seed out of range.
    """
    check_seed(seed)
    check_seed(seed + replicates - 1)
    parameters = parameters_for(preset, settings or {})
    fields: dict[str, Any] = {
        "kind": preset.kind,
        "preset": preset.id,
        "seed": seed,
        "replicates": replicates,
        "data": data,
        "device": device,
    }
    return _TRIAL.validate_python({**fields, "parameters": parameters})


def diff_from_preset(preset: Preset, parameters: Parameters) -> dict[str, tuple[object, object]]:
    """Return what differs from the preset: name → (the preset's value, the value given)."""
    original = parameters_model(preset.kind).model_validate(preset.parameters)
    return {
        name: (getattr(original, name), getattr(parameters, name))
        for name in type(parameters).model_fields
        if getattr(original, name) != getattr(parameters, name)
    }
