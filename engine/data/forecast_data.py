"""The data of forecasts: series.

NumPy and pandas are imported where they are needed: lists of runs ask for less.
"""

from collections.abc import Mapping
from typing import TYPE_CHECKING

from engine.data.catalog import CATALOG, Fetch, is_built_in, reading_options
from engine.data.kinds import KindData, ResolvedData, TrainingShape
from engine.host.home import Home
from engine.trials.data_options import format_option
from engine.trials.trial import DataReference, ForecastParameters
from engine.trials.variant import Variant

if TYPE_CHECKING:
    from engine.data.notes import DataNotes


class ForecastData(KindData[ForecastParameters]):
    report_digest = "21d3ec838228ee78ab0b2b1db4ae82713ff371baaef46f4699b824bcd4886637"
    """Of the report's series as 2,820 float64, little-endian: of its values, not its file."""

    def resolve(
        self, home: Home, source: str, fetch: Fetch | None, options: Mapping[str, object]
    ) -> ResolvedData:
        from engine.data.series_library import SeriesLibrary

        series = SeriesLibrary(home).resolve(source, fetch, options)
        return ResolvedData(series.reference, len(series.values))

    def check(self, parameters: ForecastParameters, length: int, distinct: int) -> None:
        from engine.numerics.protocol import check_series

        check_series(parameters, length)

    def training_shape(
        self, parameters: ForecastParameters, length: int, variant: Variant
    ) -> TrainingShape:
        from engine.numerics.protocol import training_size

        return TrainingShape(max(1, (training_size(length) - 1) // parameters.time_steps))

    def changed_options(self, data: DataReference) -> dict[str, str]:
        return {name: format_option(value) for name, value in data.reading.changed().items()}

    def command_options(self, data: DataReference) -> list[str]:
        is_default = is_built_in(data) and not data.until
        return [*([] if is_default else ["--series", _argument(data)]), *reading_options(data)]

    def notes(self, data: DataReference, home: Home, length: int | None) -> "DataNotes":
        from engine.data.notes import DataNotes, notes_of_series

        return DataNotes() if is_built_in(data) else notes_of_series(data, home, length)


def _argument(data: DataReference) -> str:
    """Return a series as ``--series`` takes it."""
    entry = CATALOG.get(data.name) if data.file is None and data.url is None else None
    text = data.file or data.url or data.name
    if data.until:
        text += f"@{data.until}"
    return (
        text
        if data.column is None or (entry and data.column == entry.column)
        else f"{text}:{data.column}"
    )


FORECAST_DATA = ForecastData()
