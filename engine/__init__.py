"""The laboratory without a screen: trials, data, models, training, sampling, metrics, runs and
reports.

TensorFlow is imported by :mod:`engine.training` alone, and only the worker process imports that.
"""
