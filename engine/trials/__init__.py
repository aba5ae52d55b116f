"""What is asked for: a trial's parameters, its seed, its data and how the data are read.

Frozen models, validated on creation. Nothing here opens a file or trains; every other package
except ``host`` may import it.
"""
