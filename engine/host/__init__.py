"""What the machine provides: the home folder, files, locks, processes, memory, the host's identity.

The lowest package of the engine: all others may import it, and it imports none of them. It knows
nothing of trials and runs, only paths, descriptors and processes.
"""
