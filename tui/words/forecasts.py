"""The words for forecasts."""

from collections.abc import Mapping

from engine.data.dates import format_length
from engine.language import _, ngettext
from engine.reports import caveats
from engine.runs.progress import Progress
from engine.runs.results import BriefForecastMetrics, ForecastMetrics
from engine.runs.watch import Snapshot
from engine.trials.data_options import describe_options
from engine.trials.trial import DataReference, ForecastParameters, format_value
from presets import PublishedForecast
from tui.words import format as fmt
from tui.words.kinds import KindWords


class ForecastWords(
    KindWords[ForecastParameters, ForecastMetrics | BriefForecastMetrics, PublishedForecast]
):
    heading = _("SUNSPOTS  Tables I and II")
    takes_no_other = _("{preset} forecasts a series: it takes no --{option}.")
    draws_series = True

    def preset_line(self, parameters: Mapping[str, object]) -> str:
        activation = format_value(parameters["activation"]).replace(" ", "")
        return (
            f"{parameters['epochs']:>3} ep  b{parameters['batch_size']:<3} "
            f"t{parameters['time_steps']:<3} {activation}"
        )

    def published_numbers(self, published: PublishedForecast) -> str:
        return f"{fmt.rmse(published.train_rmse)} / {fmt.rmse(published.test_rmse)}"

    def published_sentence(self, published: PublishedForecast) -> str:
        return _("published RMSE {train:.3f} train, {test:.3f} test").format(
            train=published.train_rmse, test=published.test_rmse
        )

    def published_lines(self, published: PublishedForecast) -> list[str]:
        train, test = fmt.rmse(published.train_rmse), fmt.rmse(published.test_rmse)
        return [_("published RMSE  train {train}  test {test}").format(train=train, test=test)]

    def preview(self, published: PublishedForecast) -> list[str]:
        return []

    def plan_lines(
        self, parameters: ForecastParameters, length: int | None, step: str | None
    ) -> list[str]:
        # Imports NumPy.
        from engine.numerics.protocol import target_positions

        rnn, dense = parameters.activation
        lines = [
            f"{parameters.cell} {parameters.hidden_units}, {rnn} → "
            f"Dense {parameters.dense_units}, {dense}",
            _("{epochs}, batch {batch}, windows of {months}").format(
                epochs=fmt.epochs(parameters.epochs),
                batch=parameters.batch_size,
                months=format_length(parameters.time_steps, step),
            ),
        ]
        if length is not None:
            targets = target_positions(length, parameters.time_steps)
            train, test = len(targets.train), len(targets.test)
            training = ngettext("{n} training window", "{n} training windows", train).format(
                n=train
            )
            testing = ngettext("{n} test window", "{n} test windows", test).format(n=test)
            if caveats.are_few(test):
                lines += [training, caveats.few_points_warning(testing)]
            else:
                lines.append(f"{training}, {testing}")
        return [*lines, _("Adam, mean squared error")]

    def measured_numbers(
        self, progress: Progress, metrics: ForecastMetrics | BriefForecastMetrics | None
    ) -> str:
        if metrics is None:
            losses = progress.losses
            return f"{fmt.loss(losses[-1])} @{len(losses)}" if losses else fmt.NO_NUMBERS
        train, test = metrics.typical
        # There is room for one more word, and the test part is what too few points make doubtful.
        doubt = caveats.mark(metrics, briefly=True)
        return f"{fmt.rmse(test)} {doubt}" if doubt else f"{fmt.rmse(train)} / {fmt.rmse(test)}"

    def progress(self, snapshot: Snapshot, parameters: ForecastParameters) -> str:
        progress, count = snapshot.progress, snapshot.trial.replicates
        text = _("epoch {n}/{total}").format(n=len(progress.losses), total=parameters.epochs)
        if count > 1:
            seeds = _("seed {n}/{total}").format(
                n=min(len(progress.replicates) + 1, count), total=count
            )
            text = f"{seeds}  {text}"
        return text

    def data_lines(self, data: DataReference) -> list[str]:
        return [options] if (options := describe_options(data.reading)) else []

    def result_facts(
        self,
        metrics: ForecastMetrics | BriefForecastMetrics,
        parameters: ForecastParameters,
        published: list[str],
    ) -> list[list[str]] | None:
        assert isinstance(metrics, ForecastMetrics)
        train, test = metrics.typical
        errors = [
            _("train {train}").format(train=fmt.with_spread(train, metrics.train_rmse_sd)),
            _("test {test}").format(test=fmt.with_spread(test, metrics.test_rmse_sd)),
            *published,
        ]
        caveat_lines = [[caveat] for caveat in caveats.forecast_caveats(metrics, parameters)]
        return [errors, baselines_of(metrics, parameters), *caveat_lines]


def baselines_of(metrics: ForecastMetrics, parameters: ForecastParameters) -> list[str]:
    """Return the number of test points, and the errors of baselines on them."""
    return [
        caveats.format_points(metrics.test_points),
        ngettext(
            "baselines: repeat last value {last}, linear on {n} value {linear}",
            "baselines: repeat last value {last}, linear on {n} values {linear}",
            parameters.time_steps,
        ).format(
            last=fmt.rmse(metrics.persistence.test_rmse),
            n=parameters.time_steps,
            linear=fmt.rmse(metrics.linear_autoregression.test_rmse),
        ),
    ]


FORECAST_WORDS = ForecastWords()
