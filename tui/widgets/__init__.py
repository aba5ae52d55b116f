"""Widgets that know nothing of pages: lists, plots, fields, the footer, the typewriter."""
