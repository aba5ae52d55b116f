"""What all tests share: a home of their own, lock files of their own, and the folder of shared
data.
"""

import os
import socket
from collections.abc import Iterator
from pathlib import Path

import hypothesis
import pytest
from support import ROOT

from engine.host.home import Home

hypothesis.settings.register_profile("rnnlab", deadline=None)
hypothesis.settings.load_profile("rnnlab")


@pytest.fixture(scope="session", autouse=True)
def _own_locks(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """Keep lock files, runs and caches, those of child processes too, out of the folders that the
    person uses.
    """
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("RNNLAB_LOCKS", str(tmp_path_factory.mktemp("locks")))
        patch.delenv("RNNLAB_HOME", raising=False)
        # A supervisor does not outlive the test by minutes.
        patch.setenv("RNNLAB_WARM_SECONDS", "0.5")
        patch.setenv("XDG_DATA_HOME", str(tmp_path_factory.mktemp("data")))
        patch.setenv("XDG_CACHE_HOME", str(tmp_path_factory.mktemp("cache")))
        # Nothing that a test does reaches the web: nobody listens at this address as long as it is
        # taken.
        with socket.socket() as taken:
            taken.bind(("127.0.0.1", 0))
            patch.setenv("RNNLAB_MIRROR", f"http://127.0.0.1:{taken.getsockname()[1]}")
            yield


@pytest.fixture
def home(tmp_path: Path) -> Home:
    """A laboratory in which nothing has happened."""
    return Home(tmp_path / "home")


@pytest.fixture(scope="session")
def shared_data() -> Path:
    """The folder with the report's text and series (RNNLAB_TEST_DATA, else ``shared/data`` beside
    the checkout).
    """
    folder = Path(os.environ.get("RNNLAB_TEST_DATA") or ROOT.parent / "shared" / "data")
    if not folder.is_dir():
        pytest.skip(f"the shared data is not in {folder}: set RNNLAB_TEST_DATA to its folder")
    return folder


@pytest.fixture(scope="session")
def alice_text(shared_data: Path) -> Path:
    """Alice's Adventures in Wonderland as a file."""
    path = shared_data / "alice_in_wonderland.txt"
    if not path.is_file():
        pytest.skip(f"{path} is not there")
    return path
