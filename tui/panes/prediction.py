"""The pane that draws the observed series and the prediction."""

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
from engine.runs.watch import Snapshot
from engine.sanitise import printable
from engine.trials.trial import ForecastParameters
from tui.panes.panes import Pane, wrap_facts
from tui.plotting.plot_style import PlotStyle
from tui.plotting.plots import Curves, TimeAxis, draw_prediction
from tui.widgets.plot import PlotView
from tui.words import format as fmt
from tui.words.forecasts import baselines_of

if TYPE_CHECKING:
    from engine.data.series import Series

_ZOOM = 2
_LEAST_HALF = 12.0
"""The fewest steps on either side of the middle: a window of two years."""


@dataclass(frozen=True, eq=False)
class Prediction:
    """The content of ``predictions.npz``: observed and predicted values at months ``positions``.

    Values are in the series' unit. ``split`` is the first month of the test part's targets.
    """

    real: NDArray[np.float64]
    predicted: NDArray[np.float64]
    positions: NDArray[np.int64]
    split: int
    constant: float | None = None
    """The one value, in scaled units, that is predicted for every input; None if they differ."""

    @classmethod
    def read(cls, run: Run, name: str) -> "Prediction":
        """Read a run's predictions, without pickle.

        Raises :class:`ValueError` if they are missing or damaged.
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
    """The observed values at ``positions`` of the series, in its unit.

    ``first_month`` is the month of position 0, "1749-01", if the series is monthly; for other dates
    ``label`` returns the label of a position. Without either, positions are only counted.
    """

    values: Sequence[float]
    positions: Sequence[int]
    first_month: str | None = None
    label: Callable[[int], str] | None = None
    unit: str = ""

    @classmethod
    def of_series(cls, series: "Series") -> "ObservedSeries":
        """Return the whole series that the network learnt from."""
        monthly = series.step == "M"
        return cls(
            [float(value) for value in series.values],
            range(len(series.values)),
            series.label(0) if monthly else None,
            None
            if monthly or series.step is None
            else lambda position: series.label(min(position, len(series.values) - 1)),
            printable(series.unit),
        )

    @classmethod
    def of_targets(cls, prediction: Prediction) -> "ObservedSeries":
        """Return the targets that the run itself keeps, if its series is gone."""
        return cls(
            [float(value) for value in prediction.real],
            [int(position) for position in prediction.positions],
        )


class PredictionPane(Pane):
    """The observed series and the prediction, with the train/test split; zooms and pans."""

    caption = _("Prediction")

    def __init__(self, snapshot: Snapshot, *, id: str) -> None:
        super().__init__(snapshot, id=id)
        self._prediction: Prediction | None = None
        self._observed = ObservedSeries((), ())
        self._problem = ""
        self._window: tuple[float, float] | None = None
        """First and last month shown, not rounded, so that zooming back is exact; None for all."""

    def compose(self) -> ComposeResult:
        yield PlotView(self._waiting_message(), id="prediction-plot")
        yield Static(id="prediction-figures", markup=False)

    def draw(self) -> None:
        if self._prediction is None:
            self.query_one(PlotView).show_empty(self._waiting_message())
        else:
            self._draw_facts()

    def show(self, prediction: Prediction, observed: ObservedSeries) -> None:
        """Draw a prediction over the observed series."""
        self._prediction, self._observed = prediction, observed
        self.query_one(PlotView).show(self._plot)
        self._draw_facts()

    def show_problem(self, problem: str) -> None:
        """Say why nothing can be drawn."""
        self._problem = problem
        self.draw()

    def zoom(self, by: int) -> None:
        """Show half as many months (``by`` > 0) or twice as many, around the same middle."""
        if self._prediction is None:
            return
        first, last = self._months_shown
        half = (last - first) / (2 * _ZOOM if by > 0 else 2 / _ZOOM)
        self._set_window((first + last) / 2, max(half, _LEAST_HALF))

    def pan(self, by: int) -> None:
        """Move by a third of what is shown, to earlier (``by`` < 0) or later months."""
        first, last = self._months_shown
        self._set_window((first + last) / 2 + by * (last - first) / 3, (last - first) / 2)

    @property
    def _months_shown(self) -> tuple[float, float]:
        return self._window or (0, self._end)

    @property
    def _end(self) -> int:
        """The last position that can be shown."""
        return max((1, *self._observed.positions[-1:]))

    def _set_window(self, middle: float, half: float) -> None:
        end = self._end
        half = min(half, end / 2)
        middle = min(max(middle, half), end - half)
        self._window = None if half == end / 2 else (middle - half, middle + half)
        self.query_one(PlotView).redraw()

    def _plot(self, width: int, height: int, style: PlotStyle) -> Text:
        assert self._prediction is not None
        return draw_prediction(
            Curves(
                self._observed.values,
                [float(value) for value in self._prediction.predicted],
                [int(position) for position in self._prediction.positions],
                self._prediction.split,
                observed_positions=self._observed.positions,
            ),
            axis=TimeAxis(first_month=self._observed.first_month, label=self._observed.label),
            width=width,
            height=height,
            unit=self._observed.unit,
            style=style,
            window=(round(self._window[0]), round(self._window[1])) if self._window else None,
        )

    def _draw_facts(self) -> None:
        """Write the numbers under the plot, in as many lines as they take at this width."""
        static = self.query_one("#prediction-figures", Static)
        text = "\n".join(wrap_facts(self._fact_lines(), self.content_size.width))
        if str(static.content) != text:
            static.update(text)

    def _fact_lines(self) -> list[list[str]]:
        metrics = self.snapshot.result.metrics if self.snapshot.result else None
        parameters = self.snapshot.trial.parameters
        if metrics is None:
            return []
        assert isinstance(metrics, ForecastMetrics)
        assert isinstance(parameters, ForecastParameters)
        if self._prediction and "constant_prediction" not in metrics.model_fields_set:
            # Older versions did not record it.
            metrics = metrics.model_copy(update={"constant_prediction": self._prediction.constant})
        caveat_lines = [[caveat] for caveat in caveats.forecast_caveats(metrics, parameters)]
        test = _("test {test}").format(test=fmt.rmse(metrics.test_rmse))
        return [[test, *baselines_of(metrics, parameters)], *caveat_lines]

    def _waiting_message(self) -> str:
        if self._problem or self.snapshot.problem:
            return self._problem or self.snapshot.problem
        if self.snapshot.result:
            return _("Reading the prediction.")
        if self.snapshot.has_ended:
            return _("This run ended before it could predict.")
        return _("The prediction comes when the last epoch is done.")
