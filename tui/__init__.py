"""The interface: the ``rnnlab-tui`` command and its Textual application.

It reads run directories and never imports TensorFlow.
"""
