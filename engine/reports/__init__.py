"""Runs as tables and documents: Markdown, LaTeX, CSV, JSON, with verdicts and caveats.

Reads snapshots of runs and nothing else; computes what is shown, stores nothing.
"""
