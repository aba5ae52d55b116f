"""No supervisor is started by the application under test, unless a test says what is to come instead."""

import pytest

from engine.home import Home


@pytest.fixture(autouse=True)
def _no_supervisor(monkeypatch: pytest.MonkeyPatch) -> None:
    def nothing(_home: Home) -> None:
        """A supervisor that never gets to its work."""

    monkeypatch.setattr("engine.launch.start_supervisor", nothing)
