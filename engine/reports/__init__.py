"""Runs as tables and documents: Markdown, LaTeX, CSV, JSON, with verdicts and caveats.

Reads snapshots of runs only; computes what is shown and stores nothing.
"""
