"""What is kept of a run, and reading it: a run is a directory of plain files, private to its owner.

::

    runs/<id>/trial.json        what was requested: every parameter, the seed, the data's digest
    runs/<id>/host.json         the host that it belongs to
    runs/<id>/events.jsonl      what happened, one event a line: append-only, numbered, one writer
    runs/<id>/checkpoint/       the last two checkpoints, from which training continues
    runs/<id>/result.json       metrics, versions, processor, durations, the command; written last
    runs/<id>/predictions.npz   observed and predicted series, split (forecasts)
    runs/<id>/weights.npz       the trained weights
    runs/<id>/worker.log        what TensorFlow printed
    runs/<id>/note.txt          a person's note about the run
    queue/                      the runs that have not ended, in order
    drafts.json                 the input of forms that were closed without starting a run
    supervisor.log              the supervisor's messages
    data/texts/                 texts and tables that were added or fetched, by content
    data/corpora/, data/series/ their names, sources and dates

An unfinished last line of a log does not count yet. One function turns a log into the current state
(``progress.fold``). Links, pipes and other people's files in place of these are not opened. May
import ``data`` and what is below it.
"""
