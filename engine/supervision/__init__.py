"""Starting workers: one supervisor per home and host works through the queue.

A lone run gets two cores, concurrent ones one each. The supervisor is started when it is needed,
restarts a run whose worker died, and exits when nothing is left to do. It imports no TensorFlow;
``forkserver`` talks to a process that does, from which workers are forked.
"""
