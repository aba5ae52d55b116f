"""What several files of unit tests begin with."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from helpers.data_server import DataServer, serving
from helpers.store import TABLE

from engine.data.library import SeriesLibrary, TextLibrary
from engine.host.home import Home


@pytest.fixture
def series(home: Home) -> SeriesLibrary:
    return SeriesLibrary(home)


@pytest.fixture
def corpora(home: Home) -> TextLibrary:
    return TextLibrary(home)


@pytest.fixture
def table(tmp_path: Path) -> Path:
    path = tmp_path / "weather.csv"
    path.write_text(TABLE)
    return path


@pytest.fixture
def server() -> Iterator[DataServer]:
    with serving() as started:
        yield started
