"""What several files of unit tests begin with."""

from pathlib import Path

import pytest
from unit.support_store import TABLE

from engine.data.corpus import Library
from engine.data.series_library import SeriesLibrary
from engine.home import Home


@pytest.fixture
def series(home: Home) -> SeriesLibrary:
    return SeriesLibrary(home)


@pytest.fixture
def corpora(home: Home) -> Library:
    return Library(home)


@pytest.fixture
def table(tmp_path: Path) -> Path:
    path = tmp_path / "weather.csv"
    path.write_text(TABLE)
    return path
