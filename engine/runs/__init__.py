"""What is kept of a run, and reading it: a run is a directory of plain files, private to its owner.

::

    runs/<id>/trial.json        what was asked for: every parameter, the seed, the data's digest
    runs/<id>/host.json         the host that it belongs to
    runs/<id>/events.jsonl      what happened, a line an event: append-only, numbered, one writer
    runs/<id>/checkpoint/       the two last checkpoints, from which training continues
    runs/<id>/result.json       metrics, versions, processor, durations, the command; written last
    runs/<id>/predictions.npz   observed and predicted series, split (forecasts)
    runs/<id>/weights.npz       the trained weights
    runs/<id>/worker.log        what TensorFlow printed
    runs/<id>/note.txt          what somebody noted about the run
    queue/                      the runs that have not ended, in their order
    drafts.json                 what was typed into forms that were left without starting
    supervisor.log              what the supervisor had to say
    data/texts/                 texts and tables that were added or fetched, by content
    data/corpora/, data/series/ their names, sources and days

A torn last line of a log has not happened yet; one function folds a log into what is true now
(``progress.fold``). Links, pipes and other people's files in the place of these are not opened.
May import ``data`` and what is below it.
"""
