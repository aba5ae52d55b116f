"""Run directories whose result is missing, torn or somebody else's, opened on the screen."""

import shutil
from collections.abc import Callable
from pathlib import Path

import pytest
from helpers.app import (
    flowing,
    laboratory,
    lines,
    looked_again,
    open_run,
    seen,
    shows,
)
from helpers.factory import sunspots_trial, write_run

from engine.host.home import Home


def _flipped(content: bytes) -> bytes:
    return content[:300] + bytes([content[300] ^ 255]) + content[301:]


class TestPredictions:
    @pytest.mark.parametrize(
        "damage",
        [
            pytest.param(lambda _content: b"no archive at all", id="another file"),
            pytest.param(lambda content: content[: len(content) // 2], id="torn"),
            pytest.param(lambda _content: b"", id="empty"),
            pytest.param(_flipped, id="altered"),
        ],
    )
    async def test_that_cannot_be_read_are_said_so(
        self, home: Home, damage: Callable[[bytes], bytes]
    ) -> None:
        path = write_run(home, sunspots_trial(5)).directory / "predictions.npz"
        path.write_bytes(damage(path.read_bytes()))
        async with laboratory(home) as lab:
            await open_run(lab)
            await lab.press("2")
            await lab.pause()
            assert "The predictions of run bbbb-sunspots-5 can't be read." in seen(lab)

    async def test_that_are_missing_are_said_so(self, home: Home) -> None:
        (write_run(home, sunspots_trial(5)).directory / "predictions.npz").unlink()
        async with laboratory(home) as lab:
            await open_run(lab)
            await lab.press("2")
            await lab.pause()
            assert "The predictions of run bbbb-sunspots-5 can't be read." in seen(lab)


class TestResult:
    @pytest.mark.parametrize("content", [b"", b'{"finished": 1', b'{"schema_version": 9}', None])
    async def test_that_cannot_be_read_is_said_and_the_losses_stay(
        self, home: Home, content: bytes | None
    ) -> None:
        path = write_run(home, sunspots_trial(5)).directory / "result.json"
        path.unlink()
        if content is not None:
            path.write_bytes(content)
        async with laboratory(home) as lab:
            await open_run(lab)
            assert "✓ done" in lines(lab)[0]
            assert "best .12857 @35" in seen(lab)
            assert ("can't be read" in seen(lab)) == (content in (b"", b'{"finished": 1'))
            assert ("was written by a newer version" in flowing(lab)) == (
                content == b'{"schema_version": 9}'
            )

    @pytest.mark.parametrize("content", [b"{", None], ids=["torn", "missing"])
    async def test_that_will_never_come_is_not_waited_for(
        self, home: Home, content: bytes | None
    ) -> None:
        path = write_run(home, sunspots_trial(5)).directory / "result.json"
        path.unlink()
        if content is not None:
            path.write_bytes(content)
        async with laboratory(home) as lab:
            await open_run(lab)
            await lab.press("2")
            await lab.pause()
            assert "The prediction comes when the last epoch is done." not in seen(lab)


class TestLog:
    @pytest.mark.parametrize("at", ["1e20", "-1e20", "NaN"])
    async def test_times_that_are_none_do_not_end_the_application(
        self, home: Home, at: str
    ) -> None:
        run = write_run(home, sunspots_trial(5))
        log = run.log.read_bytes()
        run.log.write_bytes(
            f'{{"n": 1, "t": {at}, "kind": "warning", "text": "mind"}}\n'.encode() + log
        )
        async with laboratory(home) as lab:
            await open_run(lab)
            await lab.press("5")
            await shows(lab, "finished")

    async def test_lines_that_are_no_events_are_counted(self, home: Home) -> None:
        run = write_run(home, sunspots_trial(5))
        run.log.write_bytes(b"garbage\n\xff\xfe\n" + run.log.read_bytes())
        async with laboratory(home) as lab:
            await open_run(lab)
            await lab.press("5", "pagedown")
            await shows(lab, "2 lines of the log could not be read.")

    async def test_a_folder_that_goes_away_while_one_looks(self, home: Home) -> None:
        run = write_run(home, sunspots_trial(5), end=None, epochs=3, host="elsewhere")
        async with laboratory(home) as lab:
            await open_run(lab)
            shutil.rmtree(run.directory)
            await looked_again(lab)
            await lab.press(*"12345", "escape")
            await shows(lab, "No runs yet.")

    async def test_a_log_that_cannot_be_read_any_more_is_said(self, home: Home) -> None:
        run = write_run(home, sunspots_trial(5), end=None, epochs=3, host="elsewhere")
        async with laboratory(home) as lab:
            await open_run(lab)
            run.log.unlink()
            Path(run.log).mkdir()
            await looked_again(lab)
            await shows(lab, "Can't read")
