"""The pane that draws the real series against the predicted one."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from rich.text import Text
from textual.app import ComposeResult
from textual.widgets import Static

from engine.language import _
from engine.results import ForecastMetrics
from engine.runs import Run
from engine.trial import SunspotsParameters
from engine.watch import RunWatcher
from tui import format as fmt
from tui.panes import Pane, baselines_of
from tui.plots import draw_prediction
from tui.widgets.plot import PlotView

_ZOOM = 2


@dataclass(frozen=True, eq=False)
class Prediction:
    """What ``predictions.npz`` holds, in the series' unit: real and predicted values at months ``positions``.

    ``split`` is the first month of the test part's targets; ``minimum`` and ``maximum`` undo the scaling.
    """

    real: NDArray[np.float64]
    predicted: NDArray[np.float64]
    positions: NDArray[np.int64]
    split: int

    @classmethod
    def read(cls, run: Run, name: str) -> "Prediction":
        """Read a run's predictions, without pickle. Raises :class:`OSError` or :class:`ValueError` if damaged."""
        try:
            with np.load(run.directory / name, allow_pickle=False) as arrays:
                low, high = float(arrays["minimum"]), float(arrays["maximum"])
                positions = arrays["positions"].astype(np.int64)
                return cls(
                    low + arrays["real"].astype(np.float64) * (high - low),
                    low + arrays["predicted"].astype(np.float64) * (high - low),
                    positions,
                    int(positions[int(arrays["n_train"])]),
                )
        except (KeyError, IndexError) as error:
            raise ValueError(str(error)) from error


class PredictionPane(Pane):
    """Real against predicted, the train/test split marked; zooms and pans by months."""

    caption = _("Prediction")

    def __init__(self, watcher: RunWatcher, *, ascii_only: bool, id: str) -> None:
        super().__init__(watcher, ascii_only=ascii_only, id=id)
        self._prediction: Prediction | None = None
        self._series: Sequence[float] = ()
        self._first_month: str | None = None
        self._window: tuple[int, int] | None = None

    def compose(self) -> ComposeResult:
        yield PlotView(self._waiting_words(), id="prediction-plot")
        yield Static(id="prediction-figures", markup=False)

    def draw(self) -> None:
        if self._prediction is None:
            self.query_one(PlotView).show_empty(self._waiting_words())

    def show(self, prediction: Prediction, series: Sequence[float], first_month: str) -> None:
        """Draw a prediction over its series, whose first value is of ``first_month``."""
        self._prediction, self._series, self._first_month = prediction, series, first_month
        self.query_one(PlotView).show(self._plot)
        self.query_one("#prediction-figures", Static).update(self._figures())

    def show_problem(self, words: str) -> None:
        """Say why nothing can be drawn."""
        self.query_one(PlotView).show_empty(words)

    def zoom(self, by: int) -> None:
        """Show half as many months (``by`` > 0) or twice as many, around the middle of what is shown."""
        if self._prediction is None:
            return
        first, last = self._months_shown
        half = (last - first) / (2 * _ZOOM if by > 0 else 2 / _ZOOM)
        self._look_at((first + last) / 2, max(half, 12.0))

    def pan(self, by: int) -> None:
        """Move a third of what is shown to earlier (``by`` < 0) or later months."""
        first, last = self._months_shown
        self._look_at((first + last) / 2 + by * (last - first) / 3, (last - first) / 2)

    @property
    def _months_shown(self) -> tuple[int, int]:
        return self._window or (0, max(1, len(self._series) - 1))

    def _look_at(self, middle: float, half: float) -> None:
        end = max(1, len(self._series) - 1)
        half = min(half, end / 2)
        middle = min(max(middle, half), end - half)
        window = (round(middle - half), round(middle + half))
        self._window = None if window == (0, end) else window
        self.query_one(PlotView).redraw()

    def _plot(self, width: int, height: int) -> Text:
        assert self._prediction is not None
        return draw_prediction(
            self._series,
            [float(value) for value in self._prediction.predicted],
            [int(position) for position in self._prediction.positions],
            self._prediction.split,
            width=width,
            height=height,
            real_positions=range(len(self._series)),
            first_month=self._first_month,
            unit=_("sunspots"),
            colour=not self.app.no_color,
            ascii_only=self.ascii_only,
            window=self._window,
        )

    def _figures(self) -> str:
        metrics = self.watcher.result.metrics if self.watcher.result else None
        parameters = self.watcher.trial.parameters
        if not isinstance(metrics, ForecastMetrics) or not isinstance(parameters, SunspotsParameters):
            return ""
        test = _("test {test}").format(test=fmt.rmse(metrics.test_rmse))
        return f"{test}   {baselines_of(metrics, parameters)}"

    def _waiting_words(self) -> str:
        if self.watcher.over and self.watcher.state != "done":
            return _("This run ended before it could predict.")
        return _("The prediction comes when the last epoch is done.")
