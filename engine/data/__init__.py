"""Series and texts: reading them as people have them, downloading them, keeping them by content.

Whatever was dropped, filled, reversed or guessed is said, with its count. Nothing here knows runs.
``series_library`` and ``texts`` are the ways in; ``source`` understands what a person wrote.
"""
