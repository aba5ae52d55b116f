"""Watching runs: what is new is read once, a last word is not missed, and one run's trouble is its own."""

import os
import shutil
import tempfile
from datetime import timedelta
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from support import SUBMITTED, alice_trial, lock_held, made_up_loss, sunspots_trial, write_run

from engine import locks
from engine.errors import LabError
from engine.events import (
    AnyEvent,
    Cancelled,
    Characters,
    Checkpointed,
    EpochEnded,
    EventReader,
    EventWriter,
    Finished,
    Resumed,
)
from engine.home import Home
from engine.progress import finished, fold
from engine.runs import Run
from engine.submission import accept
from engine.watch import HomeWatcher, RunWatcher, Snapshot
from tui.format import figures


def epoch(number: int) -> EpochEnded:
    return EpochEnded(epoch=number, loss=made_up_loss(number))


def test_a_run_is_followed_from_its_request_to_its_end(home: Home) -> None:
    (run,) = accept(home, [sunspots_trial(5, epochs=2)])
    watcher = RunWatcher(run)
    assert watcher.poll() == []
    assert (watcher.state, watcher.over) == ("queued", False)
    lock = locks.take(run.directory)
    assert lock is not None
    assert watcher.poll() == []
    assert (watcher.state, watcher.over) == ("starting", False)
    writer = EventWriter(run.log)
    for number in (1, 2):
        writer.append(epoch(number))
        assert [logged.event for logged in watcher.poll()] == [epoch(number)]
        assert watcher.poll() == []
    assert (watcher.state, watcher.progress.losses) == ("running", [made_up_loss(1), made_up_loss(2)])
    run.request_cancel()
    watcher.poll()
    assert (watcher.state, watcher.over) == ("cancelling", False)
    writer.append(Cancelled())
    writer.close()
    os.close(lock)
    watcher.poll()
    assert (watcher.state, watcher.over, watcher.skipped) == ("cancelled", True, 0)
    assert watcher.snapshot().error is None


def test_a_run_that_ends_while_it_is_looked_at_is_not_interrupted(home: Home, monkeypatch: pytest.MonkeyPatch) -> None:
    run = write_run(home, sunspots_trial(), end=None)

    def ended_since(_directory: Path) -> bool:
        writer = EventWriter(run.log)
        writer.append(Finished())
        writer.close()
        return False

    # The worker's last word comes, and its lock goes, just before it is asked whether there is a worker.
    monkeypatch.setattr(locks, "is_held", ended_since)
    assert Snapshot.of(run).state == "done"


def test_a_run_that_ends_once_it_has_been_read_is_not_interrupted(home: Home, monkeypatch: pytest.MonkeyPatch) -> None:
    run = write_run(home, sunspots_trial(), end=None)
    asked = 0

    def ends_at_the_second_look(_directory: Path) -> bool:
        nonlocal asked
        asked += 1
        if asked == 2:
            writer = EventWriter(run.log)
            writer.append(Finished())
            writer.close()
        return asked == 1

    monkeypatch.setattr(locks, "is_held", ends_at_the_second_look)
    assert Snapshot.of(run).state in ("running", "done")


def test_an_interrupted_run_that_goes_on_is_running_again(home: Home) -> None:
    run = write_run(home, sunspots_trial(), end=None, epochs=2)
    watcher = HomeWatcher(home)
    assert [found.state for found in watcher.poll()] == ["interrupted"]
    with lock_held(run.directory):
        assert [found.state for found in watcher.poll()] == ["running"]


def test_the_result_of_a_run_is_there_once_it_is_done(home: Home) -> None:
    run = write_run(home, sunspots_trial(5, epochs=2), end=None, result=True)
    watcher = RunWatcher(run)
    with lock_held(run.directory):
        watcher.poll()
        assert watcher.result is None
        writer = EventWriter(run.log)
        writer.append(Finished())
        writer.close()
        watcher.poll()
    assert watcher.result == run.result()
    assert watcher.result is not None


def test_a_result_that_can_t_be_read_is_the_snapshot_s_error(home: Home) -> None:
    run = write_run(home, sunspots_trial(5, epochs=2))
    (run.directory / "result.json").write_bytes(b"{")
    snapshot = Snapshot.of(run)
    assert (snapshot.state, snapshot.result) == ("done", None)
    assert str(snapshot.error) == f"The result of run {run.id} can't be read."


def test_a_run_without_a_readable_request_can_t_be_watched(home: Home) -> None:
    run = write_run(home, sunspots_trial(5, epochs=2))
    (run.directory / "trial.json").unlink()
    with pytest.raises(LabError, match="missing, damaged or from a newer version"):
        RunWatcher(Run(run.directory))


def test_the_runs_of_a_home_come_and_go_newest_first(home: Home) -> None:
    watcher = HomeWatcher(home)
    assert watcher.poll() == []
    for hours, name in ((1, "bbbb-a"), (3, "cccc-b"), (2, "dddd-c")):
        write_run(home, sunspots_trial(5, epochs=1), run_id=name, submitted=SUBMITTED + timedelta(hours=hours))
    assert [found.run.id for found in watcher.poll()] == ["cccc-b", "dddd-c", "bbbb-a"]
    assert [snapshot.run.id for snapshot in watcher.snapshots()] == ["cccc-b", "dddd-c", "bbbb-a"]
    shutil.rmtree(home.runs / "dddd-c")
    assert [found.run.id for found in watcher.poll()] == ["cccc-b", "bbbb-a"]
    assert [snapshot.run.id for snapshot in watcher.snapshots()] == ["cccc-b", "bbbb-a"]


def test_a_run_that_has_ended_is_read_once(home: Home) -> None:
    run = write_run(home, sunspots_trial(5, epochs=2))
    watcher = HomeWatcher(home)
    (before,) = watcher.poll()
    run.log.unlink()
    (run.directory / "result.json").unlink()
    (after,) = watcher.poll()
    assert after is before
    assert (after.state, after.result) == ("done", before.result)
    assert after.result is not None


def test_a_run_without_a_readable_request_does_not_hide_the_others(home: Home) -> None:
    for name in ("bbbb-a", "cccc-b"):
        write_run(home, sunspots_trial(5, epochs=1), run_id=name)
    (home.runs / "bbbb-a" / "trial.json").write_bytes(b"{")
    assert [found.run.id for found in HomeWatcher(home).poll()] == ["cccc-b"]


@given(
    before=st.lists(
        st.one_of(
            st.builds(epoch, st.integers(1, 9)),
            st.builds(Characters, iteration=st.integers(1, 3), text=st.text(max_size=3000)),
            st.sampled_from([Finished(), Cancelled(), Resumed(after=0), Resumed(after=2), Checkpointed(after=1)]),
        ),
        max_size=6,
    ),
    garbage=st.lists(st.binary(max_size=5000).map(lambda line: line.replace(b"\n", b" ") + b"\n"), max_size=2),
    last=st.sampled_from([Finished(), Cancelled(), Resumed(after=1), epoch(3)]),
    cut=st.integers(0, 40),
)
def test_the_last_line_says_of_a_run_that_is_done_what_the_whole_log_says(
    before: list[AnyEvent], garbage: list[bytes], last: AnyEvent, cut: int
) -> None:
    with tempfile.TemporaryDirectory() as folder:
        log = Path(folder) / "events.jsonl"
        for event in before:
            append(log, event)
        log.write_bytes((log.read_bytes() if log.exists() else b"") + b"".join(garbage))
        append(log, last)
        os.truncate(log, max(0, log.stat().st_size - cut))
        whole = fold(EventReader(log).read())
        brief = finished(log)
        is_done = isinstance(last, Finished) and cut == 0
        assert (brief is not None) == is_done or (brief is not None and isinstance(whole.end, Finished))
        if brief:
            assert (brief.end, brief.ended_at, brief.last_event_at) == (whole.end, whole.ended_at, whole.last_event_at)


def append(log: Path, event: AnyEvent) -> None:
    writer = EventWriter(log)
    writer.append(event)
    writer.close()


def test_a_list_reads_of_a_run_that_is_done_no_more_than_its_end(home: Home) -> None:
    run = write_run(home, sunspots_trial(5, epochs=3))
    whole, brief = Snapshot.of(run), Snapshot.of(run, brief=True)
    assert (brief.state, brief.result, brief.seconds, brief.error) == ("done", whole.result, whole.seconds, None)
    assert len(whole.progress.losses) == 3
    assert brief.progress.losses == []


def test_a_list_follows_a_run_that_was_done_and_goes_on(home: Home) -> None:
    run = write_run(home, sunspots_trial(5, epochs=3))
    watcher = RunWatcher(run, brief=True)
    watcher.poll()
    assert watcher.state == "done"
    append(run.log, Resumed(after=1))
    append(run.log, epoch(7))
    watcher.look_again()
    watcher.poll()
    assert (watcher.progress, watcher.progress.end) == (run.progress(), None)


def test_without_its_result_the_log_is_all_there_is(home: Home) -> None:
    run = write_run(home, sunspots_trial(5, epochs=3))
    (run.directory / "result.json").unlink()
    snapshot = Snapshot.of(run, brief=True)
    assert (snapshot.state, len(snapshot.progress.losses)) == ("done", 3)
    assert snapshot.problem


def test_a_list_shows_the_last_loss_of_a_text_that_is_done(home: Home) -> None:
    run = write_run(home, alice_trial(1, iterations=2))
    whole, brief = Snapshot.of(run), Snapshot.of(run, brief=True)
    assert whole.result is not None
    shown = figures(whole.trial, whole.progress, None)
    assert shown.endswith(" @2")
    assert figures(brief.trial, brief.progress, whole.result.metrics) == shown
