"""What the machine gives: the home folder, files, locks, processes, memory, the identity of the
host.

The lowest package of the engine: everything may import it, and it imports none of the others. It
knows no trials and no runs, only paths, descriptors and processes.

Who may work on a home: its owner alone; others, root too, may look. A home below a folder that
somebody else could rename is refused (everybody's without being sticky as ``/tmp`` is, or another
user's). Runs belong to the host that they were started on. Locks tell whether a run's process is
alive: they are kept in the home or, if that is on a network's file system, on each host in
``/tmp/rnnlab-<user id>`` (or ``RNNLAB_LOCKS``).
"""
