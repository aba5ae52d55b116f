"""What the machine gives: the home folder, files, locks, processes, memory, the identity of the
host.

The lowest package of the engine: everything may import it, and it imports none of the others. It
knows no trials and no runs, only paths, descriptors and processes.
"""
