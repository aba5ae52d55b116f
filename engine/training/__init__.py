"""Keras models and their training: the only package that imports TensorFlow, for the worker process alone."""

import os

# Whatever ~/.keras/keras.json or the shell says: the compiled training is TensorFlow's.
os.environ["KERAS_BACKEND"] = "tensorflow"
