"""Widgets that know nothing about screens: lists, plots, fields, the footer, the typewriter."""
