"""The pane that draws the real series against the predicted one."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray
from rich.text import Text
from textual.app import ComposeResult
from textual.widgets import Static

from engine.language import _
from engine.numerics.metrics import constant_forecast
from engine.reports import caveats
from engine.runs.predictions import read_predictions
from engine.runs.results import ForecastMetrics
from engine.runs.run import Run
from engine.runs.watch import RunWatcher
from engine.sanitise import printable
from engine.trials.trial import ForecastParameters
from tui.panes.panes import Pane, baselines_of, wrap_facts
from tui.plotting.plot_style import PlotStyle
from tui.plotting.plots import Curves, TimeAxis, draw_prediction
from tui.widgets.plot import PlotView
from tui.words import format as fmt

if TYPE_CHECKING:
    from engine.data.series import Series

_ZOOM = 2
_SHORTEST = 12.0
"""Steps that are shown at least: half a window of two years."""


@dataclass(frozen=True, eq=False)
class Prediction:
    """What ``predictions.npz`` holds, in the series' unit: real and predicted values at months
    ``positions``.

    ``split`` is the first month of the test part's targets; ``minimum`` and ``maximum`` undo the
    scaling.
    """

    real: NDArray[np.float64]
    predicted: NDArray[np.float64]
    positions: NDArray[np.int64]
    split: int
    constant: float | None = None
    """The one value, in scaled units, that is predicted whatever the network reads; None if there
    are several.
    """

    @classmethod
    def read(cls, run: Run, name: str) -> "Prediction":
        """Read a run's predictions, without pickle. Raises :class:`ValueError` where they are
        missing or damaged.
        """
        try:
            arrays = read_predictions(run, name)
            low, high = float(arrays["minimum"]), float(arrays["maximum"])
            positions = arrays["positions"].astype(np.int64)
            return cls(
                low + arrays["real"].astype(np.float64) * (high - low),
                low + arrays["predicted"].astype(np.float64) * (high - low),
                positions,
                int(positions[int(arrays["n_train"])]),
                constant_forecast(arrays["predicted"], arrays["real"]),
            )
        except (OSError, KeyError, IndexError, TypeError, OverflowError) as error:
            raise ValueError(str(error)) from error


@dataclass(frozen=True)
class ObservedSeries:
    """What was measured, and when: the real values at ``positions`` of the series, in its unit.

    ``first_month`` is the month of position 0, "1749-01", where the series goes by months; of other
    dates ``label`` says what stands at a position. Without either, positions are only counted.
    """

    values: Sequence[float]
    positions: Sequence[int]
    first_month: str | None = None
    label: Callable[[int], str] | None = None
    unit: str = ""

    @classmethod
    def of_series(cls, series: "Series") -> "ObservedSeries":
        """Take the whole series that was learnt from."""
        monthly = series.step == "M"
        return cls(
            [float(value) for value in series.values],
            range(len(series.values)),
            series.label(0) if monthly else None,
            None
            if monthly or series.step is None
            else lambda at: series.label(min(at, len(series.values) - 1)),
            printable(series.unit),
        )

    @classmethod
    def of_targets(cls, prediction: Prediction) -> "ObservedSeries":
        """Take what a run itself keeps, where its series is gone: the values that were to be
        predicted.
        """
        return cls(
            [float(value) for value in prediction.real], [int(at) for at in prediction.positions]
        )


class PredictionPane(Pane):
    """Observed against predicted, the train/test split marked; zooms and pans by months."""

    caption = _("Prediction")

    def __init__(self, watcher: RunWatcher, *, id: str) -> None:
        super().__init__(watcher, id=id)
        self._prediction: Prediction | None = None
        self._measured = ObservedSeries((), ())
        self._problem = ""
        self._window: tuple[float, float] | None = None
        """First and last month shown, not rounded, so that one zoom takes back another; None is
        all.
        """

    def compose(self) -> ComposeResult:
        yield PlotView(self._waiting_words(), id="prediction-plot")
        yield Static(id="prediction-figures", markup=False)

    def draw(self) -> None:
        if self._prediction is None:
            self.query_one(PlotView).show_empty(self._waiting_words())
        else:
            self._draw_figures()

    def show(self, prediction: Prediction, measured: ObservedSeries) -> None:
        """Draw a prediction over what was measured."""
        self._prediction, self._measured = prediction, measured
        self.query_one(PlotView).show(self._plot)
        self._draw_figures()

    def show_problem(self, words: str) -> None:
        """Say why nothing can be drawn."""
        self._problem = words
        self.draw()

    def zoom(self, by: int) -> None:
        """Show half as many months (``by`` > 0) or twice as many, around the middle of what is
        shown.
        """
        if self._prediction is None:
            return
        first, last = self._months_shown
        half = (last - first) / (2 * _ZOOM if by > 0 else 2 / _ZOOM)
        self._look_at((first + last) / 2, max(half, _SHORTEST))

    def pan(self, by: int) -> None:
        """Move a third of what is shown to earlier (``by`` < 0) or later months."""
        first, last = self._months_shown
        self._look_at((first + last) / 2 + by * (last - first) / 3, (last - first) / 2)

    @property
    def _months_shown(self) -> tuple[float, float]:
        return self._window or (0, self._end)

    @property
    def _end(self) -> int:
        """The last position that can be shown."""
        return max((1, *self._measured.positions[-1:]))

    def _look_at(self, middle: float, half: float) -> None:
        end = self._end
        half = min(half, end / 2)
        middle = min(max(middle, half), end - half)
        self._window = None if half == end / 2 else (middle - half, middle + half)
        self.query_one(PlotView).redraw()

    def _plot(self, width: int, height: int, style: PlotStyle) -> Text:
        assert self._prediction is not None
        return draw_prediction(
            Curves(
                self._measured.values,
                [float(value) for value in self._prediction.predicted],
                [int(position) for position in self._prediction.positions],
                self._prediction.split,
                observed_positions=self._measured.positions,
            ),
            axis=TimeAxis(first_month=self._measured.first_month, label=self._measured.label),
            width=width,
            height=height,
            unit=self._measured.unit,
            style=style,
            window=(round(self._window[0]), round(self._window[1])) if self._window else None,
        )

    def _draw_figures(self) -> None:
        """Write the figures under the plot, into as many lines as they take at this width."""
        static = self.query_one("#prediction-figures", Static)
        words = "\n".join(wrap_facts(self._figures(), self.content_size.width))
        if str(static.content) != words:
            static.update(words)

    def _figures(self) -> list[list[str]]:
        metrics = self.watcher.result.metrics if self.watcher.result else None
        parameters = self.watcher.trial.parameters
        if not isinstance(metrics, ForecastMetrics) or not isinstance(
            parameters, ForecastParameters
        ):
            return []
        if self._prediction and "constant_prediction" not in metrics.model_fields_set:
            # Older versions did not look.
            metrics = metrics.model_copy(update={"constant_prediction": self._prediction.constant})
        said = [[words] for words in caveats.forecast_caveats(metrics, parameters)]
        test = _("test {test}").format(test=fmt.rmse(metrics.test_rmse))
        return [[test, *baselines_of(metrics, parameters)], *said]

    def _waiting_words(self) -> str:
        if self._problem or self.watcher.problem:
            return self._problem or self.watcher.problem
        if self.watcher.result:
            return _("Reading the prediction.")
        if self.watcher.has_ended:
            return _("This run ended before it could predict.")
        return _("The prediction comes when the last epoch is done.")
