"""Keras and TensorFlow, which nothing else imports: a worker process trains one run.

``worker`` takes a run from its request to its result; ``run_trial`` trains what is requested;
``epochs`` has the compiled loop, ``forecasting`` and ``text`` what each kind adds to it.
"""
