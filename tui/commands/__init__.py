"""The `rnnlab-tui` command: a module per command or group of commands, gathered in ``cli``.

The top of the interface: may import everything else in ``tui``, and is imported by ``__main__``.
"""
