"""What a trial will do, in a few lines: model, amount of training and data, published result."""

from collections.abc import Sequence

from engine.data.dates import format_length
from engine.language import _, ngettext
from engine.numerics.cells import CELLS
from engine.numerics.protocol import target_positions
from engine.reports import caveats
from engine.runs.watch import Snapshot
from engine.trials.trial import ForecastParameters, Parameters, TextParameters
from presets import Preset, Published, PublishedForecast, PublishedText
from tui.words import format as fmt


def parameter_count(parameters: Parameters, characters: int | None = None) -> int | None:
    """Return the number of trainable weights.

    The dense layer has outputs * (units + 1). ``characters`` is the size of a text trial's
    alphabet; if that is None (not known yet), so is the result.
    """
    sizes, units = parameters.layer_sizes(characters), parameters.hidden_units
    if sizes is None:
        return None
    inputs, outputs = sizes
    return CELLS[parameters.cell].weight_count(inputs, units) + outputs * (units + 1)


def plan_lines(
    preset: Preset,
    parameters: Parameters,
    length: int | None,
    took: float | None,
    step: str | None = "M",
    distinct: int | None = None,
) -> list[str]:
    """Describe the trial line by line.

    ``length`` is that of the data once read: of a series in steps of ``step`` (a pandas frequency),
    of a text in characters, ``distinct`` of them distinct. ``took`` is in seconds.
    """
    if isinstance(parameters, ForecastParameters):
        lines = _forecast_lines(parameters, length, step)
    else:
        lines = _text_lines(parameters)
    count = parameter_count(parameters, distinct)
    if count is not None:
        lines.append(weights(count))
    if preset.assumed:
        names = ", ".join(preset.assumed)
        lines.append(_("not in the report, assumed: {names}").format(names=names))
    if took is not None:
        lines.append(_("took {time} here the last time").format(time=fmt.duration(took)))
    return lines


def _forecast_lines(
    parameters: ForecastParameters, months: int | None, step: str | None
) -> list[str]:
    rnn, dense = parameters.activation
    lines = [
        f"{parameters.cell} {parameters.hidden_units}, {rnn} → Dense {parameters.dense_units}, {dense}",
        _("{epochs}, batch {batch}, windows of {months}").format(
            epochs=_epochs(parameters.epochs),
            batch=parameters.batch_size,
            months=format_length(parameters.time_steps, step),
        ),
    ]
    if months is not None:
        targets = target_positions(months, parameters.time_steps)
        train, test = len(targets.train), len(targets.test)
        training = ngettext("{n} training window", "{n} training windows", train).format(n=train)
        testing = ngettext("{n} test window", "{n} test windows", test).format(n=test)
        if caveats.are_few(test):
            lines += [training, caveats.few_points_warning(testing)]
        else:
            lines.append(f"{training}, {testing}")
    return [*lines, _("Adam, mean squared error")]


def _text_lines(parameters: TextParameters) -> list[str]:
    iterations, context = parameters.iterations, parameters.seqlen
    return [
        f"{parameters.cell} {parameters.hidden_units}, tanh → Dense → softmax",
        _("{iterations} of {each}: {epochs}, batch {batch}").format(
            iterations=ngettext("{n} iteration", "{n} iterations", iterations).format(n=iterations),
            each=parameters.epochs_per_iteration,
            epochs=_epochs(iterations * parameters.epochs_per_iteration),
            batch=parameters.batch_size,
        ),
        ngettext(
            "reads {seqlen} character, writes {n} after each iteration",
            "reads {seqlen} characters, writes {n} after each iteration",
            context,
        ).format(seqlen=context, n=parameters.predictions),
        _("RMSprop, categorical cross-entropy"),
    ]


def weights(count: int) -> str:
    """Write how many trainable weights a network has."""
    return ngettext("{n} weight", "{n} weights", count).format(n=count)


def _epochs(count: int) -> str:
    return ngettext("{n} epoch", "{n} epochs", count).format(n=count)


def published_lines(preset: Preset) -> list[str]:
    """Return what the report published for a preset, one line per number."""
    figures = preset.published
    if isinstance(figures, PublishedForecast):
        template = _("published RMSE  train {train}  test {test}")
        return [
            template.format(train=fmt.rmse(figures.train_rmse), test=fmt.rmse(figures.test_rmse))
        ]
    return [
        _("published loss {loss:.4f} at iteration {n}").format(loss=row.loss, n=row.iteration)
        for row in figures.iterations
    ]


def last_duration(
    parameters: Parameters, replicates: int, runs: Sequence[Snapshot]
) -> float | None:
    """Return the working seconds of the latest finished run with these parameters and seeds.

    None if there is none. ``runs`` come newest first.
    """
    for run in runs:
        is_same = run.trial.parameters == parameters and run.trial.replicates == replicates
        if run.state == "done" and is_same:
            return run.seconds_working
    return None


def published_loss(figures: Published | None, iteration: int) -> float | None:
    """Return the loss that the report published for an iteration of a text trial, or None."""
    if not isinstance(figures, PublishedText):
        return None
    return next((row.loss for row in figures.iterations if row.iteration == iteration), None)
