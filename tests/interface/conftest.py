"""What the application under test finds: no supervisor that could be started, and a terminal that
takes Unicode.

A test may say otherwise.
"""

import pytest

from engine.host.home import Home


@pytest.fixture(autouse=True)
def _no_supervisor(monkeypatch: pytest.MonkeyPatch) -> None:
    def nothing(_home: Home) -> None:
        """A supervisor that never gets to its work."""

    monkeypatch.setattr("engine.supervision.launch.start_supervisor", nothing)


@pytest.fixture(autouse=True)
def _unicode(monkeypatch: pytest.MonkeyPatch) -> None:
    # Whatever locale the tests are started in.
    monkeypatch.setattr("tui.words.format.speaks_unicode", lambda: True)
