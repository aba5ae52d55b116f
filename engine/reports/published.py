"""Whether the report's figures may stand beside a run's: only where the run reads what the report
read.

An RMSE in scaled units and a loss a character are figures *of* a series and of a text. Beside those
of other data they look like a comparison and are none.
"""

from engine.data.catalog import ALICE, SUNSPOTS
from engine.data.texts import REPORT_DIGEST
from engine.runs.watch import Snapshot
from engine.trials.trial import DataReference, ForecastTrial, TextTrial
from presets import PublishedForecast, PublishedText, get

SERIES_DIGEST = "21d3ec838228ee78ab0b2b1db4ae82713ff371baaef46f4699b824bcd4886637"
"""SHA-256 of the report's series as 2,820 float64, little-endian: of the values alone, whatever
file they came in.
"""

Published = PublishedForecast | PublishedText


def published_for(asked: Snapshot | ForecastTrial | TextTrial) -> Published | None:
    """Return what the report published of a run's preset; None if the run reads another series or
    text.

    Changed parameters do not matter here: they stand beside the figures, in the same line.
    """
    trial = asked.trial if isinstance(asked, Snapshot) else asked
    digest = asked.prepared_sha256 if isinstance(asked, Snapshot) else None
    preset = get(trial.preset)
    is_the_reports = reads_the_reports_data(trial.kind, usual_name(trial.data), digest)
    return preset.published if preset and is_the_reports else None


def reads_the_reports_data(kind: str, name: str | None, prepared_sha256: str | None = None) -> bool:
    """Tell whether a trial of this ``kind`` on data of this ``name`` reads what the report read.

    ``prepared_sha256`` (of the prepared text, of the values) decides if it is known: a finished run
    knows it, and so does a form that has looked at its data. Until then the name does, None for a
    file's or a URL's, and for data that are read in another way.
    """
    if prepared_sha256 is not None:
        return prepared_sha256 == (SERIES_DIGEST if kind == "forecast" else REPORT_DIGEST)
    return name == (SUNSPOTS if kind == "forecast" else ALICE)


def usual_name(data: DataReference) -> str | None:
    """Return the name that data are known by; None if a file or a URL was given, or they are read
    in another way.
    """
    is_usual = not (data.until or data.reading.changed() or data.preparation.changed())
    return data.name if is_usual and not (data.file or data.url) else None
