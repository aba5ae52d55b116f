"""Everything but the interface: trials, data, models, training, sampling, metrics, runs, reports.

Only :mod:`engine.training` imports TensorFlow, and only the worker process imports that.
"""
