"""Whether the report's figures may stand beside a run's: only where the run reads what the report read.

An RMSE in scaled units and a loss a character are figures *of* a series and of a text. Beside those of other data they
look like a comparison and are none.
"""

from engine.data.corpus import REPORT_DIGEST
from engine.data.known import ALICE, SUNSPOTS
from engine.trial import AliceTrial, DataReference, SunspotsTrial
from engine.watch import Snapshot
from presets import PublishedForecast, PublishedText, get

SERIES_DIGEST = "21d3ec838228ee78ab0b2b1db4ae82713ff371baaef46f4699b824bcd4886637"
"""SHA-256 of the report's series as 2,820 float64, little-endian: of the values alone, whatever file they came in."""

Published = PublishedForecast | PublishedText


def published_for(asked: Snapshot | SunspotsTrial | AliceTrial) -> Published | None:
    """Return what the report published of a run's preset; None if the run reads another series or text.

    Changed parameters do not matter here: they stand beside the figures, in the same line.
    """
    trial = asked.trial if isinstance(asked, Snapshot) else asked
    digest = asked.prepared_sha256 if isinstance(asked, Snapshot) else None
    preset = get(trial.preset)
    return preset.published if preset and reads_the_reports_data(trial.kind, trial.data, digest) else None


def reads_the_reports_data(kind: str, data: DataReference, prepared_sha256: str | None = None) -> bool:
    """Tell whether a trial of this ``kind`` reads what the report read.

    ``prepared_sha256`` (of the prepared text, of the values) decides if it is known: a finished run knows it, and so
    does a form that has looked at its data. Until then the name does, which stands for the report's data unless a file
    or a URL was given, or it is read in another way.
    """
    if prepared_sha256 is not None:
        return prepared_sha256 == (SERIES_DIGEST if kind == "sunspots" else REPORT_DIGEST)
    name = SUNSPOTS if kind == "sunspots" else ALICE
    is_usual = not (data.until or data.reading.changed() or data.preparation.changed())
    return data.name == name and is_usual and not (data.file or data.url)
