"""The terminal itself: what it can show, how large it is, hang-ups, and what is typed ahead."""
