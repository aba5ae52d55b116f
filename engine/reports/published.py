"""Whether the report's numbers may be shown beside a run's: only if it uses the report's data.

An RMSE in scaled units and a loss per character depend on the series and the text. Beside those of
other data they would look like a comparison without being one.
"""

from engine.data.kinds import data_of
from engine.runs.watch import Snapshot
from engine.trials.trial import TRIALS, DataReference, Trial
from presets import Kind, Published, get


def published_for(run: Snapshot | Trial) -> Published | None:
    """Return what the report published for a run's preset; None if the run uses other data.

    Changed parameters don't matter here: they are shown in the same line as the numbers.
    """
    trial = run.trial if isinstance(run, Snapshot) else run
    digest = run.prepared_sha256 if isinstance(run, Snapshot) else None
    preset = get(trial.preset)
    is_the_reports = reads_the_reports_data(trial.kind, default_name(trial.data), digest)
    return preset.published if preset and is_the_reports else None


def reads_the_reports_data(
    kind: Kind, name: str | None, prepared_sha256: str | None = None
) -> bool:
    """Tell whether a trial of this ``kind`` on data of this ``name`` uses the report's data.

    ``prepared_sha256`` (of the prepared text or the values) decides if it is known, as it is for a
    finished run or a form that has read its data. Otherwise the name does; it is None for a file, a
    URL, or data that is read with other options.
    """
    if prepared_sha256 is not None:
        return prepared_sha256 == data_of(kind).report_digest
    return name == TRIALS[kind].report_data


def default_name(data: DataReference) -> str | None:
    """Return the name of named data; None for a file, a URL, or data read with other options."""
    is_default = not (data.until or data.reading.changed() or data.preparation.changed())
    return data.name if is_default and not (data.file or data.url) else None
