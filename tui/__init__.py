"""The interface: the ``rnnlab-tui`` command and its Textual application. Reads run directories;
knows no TensorFlow.
"""
