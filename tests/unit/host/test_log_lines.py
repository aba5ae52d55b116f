"""The lines of a log that grows, is cut and has lines without an end: as if all of it were read at
once.
"""

import os
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from engine.host import log_lines
from engine.host.log_lines import LineScanner

LONGEST, CHUNK = 20, 8
PIECES = st.one_of(
    st.binary(max_size=2 * CHUNK),
    st.sampled_from(
        [
            b"\n",
            b"\n\n",
            b"x" * LONGEST,
            b"x" * LONGEST + b"\n",
            b"x" * (LONGEST + 1) + b"\n",
            b"\r\n",
        ]
    ),
)


def expected(content: bytes) -> list[bytes | None]:
    """Return the whole lines of a content, None for those that are too long."""
    return [line if len(line) <= LONGEST else None for line in content.split(b"\n")[:-1]]


@pytest.fixture(autouse=True)
def _short(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(log_lines, "LONGEST_LINE", LONGEST)
    monkeypatch.setattr(log_lines, "_CHUNK", CHUNK)


@settings(max_examples=300, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(pieces=st.lists(PIECES, max_size=12), cuts=st.sets(st.integers(0, 11)))
def test_each_line_comes_once_however_it_grew(
    tmp_path: Path, pieces: list[bytes], cuts: set[int]
) -> None:
    """``cuts``: after which pieces a writer that takes the log up cuts its torn last line off."""
    path = tmp_path / "log"
    path.write_bytes(b"")
    scanner, found = LineScanner(), list[bytes | None]()
    descriptor = os.open(path, os.O_RDONLY)
    try:
        for number, piece in enumerate(pieces):
            with path.open("ab") as file:
                file.write(piece)
            found += scanner.scan(descriptor)
            content = path.read_bytes()
            assert found == expected(content)
            assert scanner.offset == content.rfind(b"\n") + 1
            if number in cuts:
                os.truncate(path, scanner.offset)
                # Whoever looks again meanwhile learns that; it is not told of what was cut.
                assert list(scanner.scan(descriptor)) == []
    finally:
        os.close(descriptor)


def test_what_is_too_long_is_not_scanned_again(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "log"
    path.write_bytes(b"first\n" + b"x" * 1_000)
    read, asked = os.pread, list[int]()

    def counting(descriptor: int, size: int, offset: int) -> bytes:
        content = read(descriptor, size, offset)
        asked.append(len(content))
        return content

    monkeypatch.setattr(os, "pread", counting)
    scanner = LineScanner()
    descriptor = os.open(path, os.O_RDONLY)
    try:
        assert list(scanner.scan(descriptor)) == [b"first"]
        assert sum(asked) == 1_006
        asked.clear()
        assert list(scanner.scan(descriptor)) == []
        assert sum(asked) == 0
    finally:
        os.close(descriptor)
