"""Plots as text: axes, curves, sparklines, and the glyphs and colors that a terminal can show."""
