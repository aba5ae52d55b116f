"""What is asked for: a trial's parameters, its seed, its data and how the data are read.

Frozen models, checked when they are made. Nothing here opens a file or trains; every other package
but ``host`` may import it.
"""
