"""What the machine provides: the home folder, files, locks, processes, memory, the host's identity.

The lowest package of the engine: all others may import it, and it imports none of them. It knows
nothing of trials and runs, only paths, descriptors and processes.

Only its owner may work in a home; others, even root, may look. A home below a folder that somebody
else could rename is refused (one that everybody can write to without being sticky as ``/tmp`` is,
or another user's). Runs belong to the host that they were started on. Locks tell whether a run's
process is alive: they are in the home or, if that is on a network file system, on each host in
``/tmp/rnnlab-<user id>`` (or ``RNNLAB_LOCKS``).
"""
