"""Reading series and texts as people have them, downloading them, and storing them by content.

Whatever is dropped, filled, reversed or guessed is reported, with its count. Nothing here knows
about runs. The entry point is ``library``; ``source`` interprets what a person typed.
"""
