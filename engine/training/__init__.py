"""Keras and TensorFlow, which nothing else imports: a worker process trains one run.

``worker`` follows a run from its request to its result; ``run_trial`` trains what is asked for;
``epochs`` holds the compiled loop, ``forecasting`` and ``text`` what each kind adds to it.
"""
