"""The parts of a run's page: progress, loss, prediction, text, parameters, log.

A pane shows one snapshot of a run; it reads no files.
"""
