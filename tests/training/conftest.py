"""TensorFlow quiet and on the CPU, decided before anything imports it; the data that the training
tests share.
"""

import os

os.environ["TF_CPP_MIN_LOG_LEVEL"] = "3"
os.environ["CUDA_VISIBLE_DEVICES"] = "-1"

from pathlib import Path
from pydoc_data.topics import topics

import numpy as np
import pytest
from numpy.typing import NDArray

SERIES = Path(__file__).resolve().parents[2] / "engine" / "data" / "sunspots.csv"


@pytest.fixture(scope="session")
def sunspots() -> NDArray[np.float64]:
    """The product's monthly series (2820,), in sunspots."""
    lines = SERIES.read_text("utf-8").splitlines()
    return np.array([float(line.split(",")[1]) for line in lines if line[0].isdigit()])


@pytest.fixture(scope="session")
def text() -> str:
    """Prepared English text that every CPython brings along, some 10,000 characters."""
    lines = (
        line.strip().lower()
        for line in topics["types"].encode("ascii", "ignore").decode().splitlines()
    )
    return " ".join(line for line in lines if line)[:10_000]
