"""How large a terminal has to be."""

WIDE = 100
"""Columns from which panes stand side by side."""

SMALLEST = (60, 15)
"""Columns and lines below which a screen only asks for more room."""
