"""Watching runs: what is new is read once, a last word is not missed, and one run's trouble is its
own.
"""

import copy
import gc
import json
import os
import shutil
import tempfile
from contextlib import suppress
from datetime import timedelta
from pathlib import Path
from typing import TypeVar

import pytest
from helpers.factory import (
    SUBMITTED,
    alice_trial,
    lock_held,
    made_up_loss,
    sunspots_trial,
    write_log,
    write_run,
)
from hypothesis import given, settings
from hypothesis import strategies as st

from engine.errors import LabError
from engine.host import locks
from engine.host.home import Home
from engine.operations.control import cancel, hold, move_to_front
from engine.operations.submission import accept, resume
from engine.reports.json_records import describe_run, format_metrics
from engine.runs import progress, queue
from engine.runs.events import (
    AnyEvent,
    Cancelled,
    Characters,
    Checkpointed,
    EpochEnded,
    EventReader,
    EventWriter,
    Failed,
    Finished,
    Logged,
    PhaseEntered,
    ReplicateEnded,
    ReplicateStarted,
    Resumed,
    Started,
)
from engine.runs.progress import Progress, fold, fold_tail
from engine.runs.results import BriefResult, Result
from engine.runs.run import Run
from engine.runs.watch import HomeWatcher, RunWatcher, Snapshot
from engine.trials.trial import Trial
from tui.words.format import measured_numbers

T = TypeVar("T")


def epoch(number: int) -> EpochEnded:
    return EpochEnded(epoch=number, loss=made_up_loss(number))


def test_a_run_is_followed_from_its_request_to_its_end(home: Home) -> None:
    (run,) = accept(home, [sunspots_trial(5, epochs=2)])
    watcher = RunWatcher(run)
    assert watcher.poll() == []
    assert (watcher.latest.state, watcher.latest.has_ended) == ("queued", False)
    lock = locks.acquire(run.directory)
    assert lock is not None
    assert watcher.poll() == []
    assert (watcher.latest.state, watcher.latest.has_ended) == ("starting", False)
    writer = EventWriter(run.log)
    for number in (1, 2):
        writer.append(epoch(number))
        assert [logged.event for logged in watcher.poll()] == [epoch(number)]
        assert watcher.poll() == []
    assert (watcher.latest.state, watcher.latest.progress.losses) == (
        "running",
        [made_up_loss(1), made_up_loss(2)],
    )
    run.request_cancel()
    watcher.poll()
    assert (watcher.latest.state, watcher.latest.has_ended) == ("cancelling", False)
    writer.append(Cancelled())
    writer.close()
    os.close(lock)
    watcher.poll()
    assert (watcher.latest.state, watcher.latest.has_ended, watcher.latest.skipped) == (
        "cancelled",
        True,
        0,
    )
    assert watcher.latest.error is None


def test_a_run_that_ends_while_it_is_looked_at_is_not_interrupted(
    home: Home, monkeypatch: pytest.MonkeyPatch
) -> None:
    run = write_run(home, sunspots_trial(), end=None)

    def ended_since(_directory: Path) -> bool:
        writer = EventWriter(run.log)
        writer.append(Finished())
        writer.close()
        return False

    # The worker's last word comes, and its lock goes, just before it is asked whether there is a
    # worker.
    monkeypatch.setattr(locks, "is_held", ended_since)
    assert Snapshot.of(run).state == "done"


def test_a_run_that_ends_once_it_has_been_read_is_not_interrupted(
    home: Home, monkeypatch: pytest.MonkeyPatch
) -> None:
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
    assert [found.state for found in watcher.poll().runs] == ["interrupted"]
    with lock_held(run.directory):
        assert [found.state for found in watcher.poll().runs] == ["running"]


def test_the_result_of_a_run_is_there_once_it_is_done(home: Home) -> None:
    run = write_run(home, sunspots_trial(5, epochs=2), end=None, result=True)
    watcher = RunWatcher(run)
    with lock_held(run.directory):
        watcher.poll()
        assert watcher.latest.result is None
        writer = EventWriter(run.log)
        writer.append(Finished())
        writer.close()
        watcher.poll()
    assert watcher.latest.result == run.result()
    assert watcher.latest.result is not None


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
    assert watcher.poll().runs == []
    for hours, name in ((1, "bbbb-a"), (3, "cccc-b"), (2, "dddd-c")):
        write_run(
            home,
            sunspots_trial(5, epochs=1),
            run_id=name,
            submitted=SUBMITTED + timedelta(hours=hours),
        )
    assert [found.run.id for found in watcher.poll().runs] == ["cccc-b", "dddd-c", "bbbb-a"]
    assert [snapshot.run.id for snapshot in watcher.latest.runs] == ["cccc-b", "dddd-c", "bbbb-a"]
    shutil.rmtree(home.runs / "dddd-c")
    assert [found.run.id for found in watcher.poll().runs] == ["cccc-b", "bbbb-a"]
    assert [snapshot.run.id for snapshot in watcher.latest.runs] == ["cccc-b", "bbbb-a"]


def test_a_run_that_has_ended_is_read_once(home: Home) -> None:
    run = write_run(home, sunspots_trial(5, epochs=2))
    watcher = HomeWatcher(home)
    (before,) = watcher.poll().runs
    run.log.unlink()
    (run.directory / "result.json").unlink()
    (after,) = watcher.poll().runs
    assert after is before
    assert (after.state, after.metrics) == ("done", before.metrics)
    assert after.metrics is not None


def test_a_run_without_a_readable_request_does_not_hide_the_others(home: Home) -> None:
    for name in ("bbbb-a", "cccc-b"):
        write_run(home, sunspots_trial(5, epochs=1), run_id=name)
    (home.runs / "bbbb-a" / "trial.json").write_bytes(b"{")
    assert [found.run.id for found in HomeWatcher(home).poll().runs] == ["cccc-b"]


ENDS = st.sampled_from([Finished(), Cancelled(), Failed(what="It broke.", diverged=True)])
EPOCHS = st.builds(epoch, st.integers(1, 9))
SEEDS = st.builds(ReplicateStarted, seed=st.integers(1, 9))
RESUMED = st.builds(Resumed, after=st.integers(0, 9))
EVENTS = st.one_of(
    EPOCHS,
    SEEDS,
    ENDS,
    RESUMED,
    st.builds(ReplicateEnded, seed=st.integers(1, 9)),
    st.builds(Characters, iteration=st.integers(1, 3), text=st.text(max_size=300)),
    st.builds(Checkpointed, after=st.integers(0, 20)),
)
STEPS = st.sampled_from([1] * 8 + [3, 0])
HOW = st.sampled_from(["once"] * 12 + ["twice", "after garbage", "after another"])


Lines = list[tuple[AnyEvent, int, str]]
"""Events, how much their numbers rise (those that two write at once have the same), and what is
beside each.
"""


def one_of(*strategies: st.SearchStrategy[T]) -> st.SearchStrategy[T]:
    """Draw from one of them, each as often as it is given."""
    return st.sampled_from(strategies).flatmap(lambda strategy: strategy)


def some(
    events: st.SearchStrategy[AnyEvent], most: int, least: int = 0
) -> st.SearchStrategy[Lines]:
    return st.lists(st.tuples(events, STEPS, HOW), min_size=least, max_size=most)


@settings(max_examples=500)
@given(
    before=one_of(some(EPOCHS, 6), some(EVENTS, 8)),
    seed=one_of(some(SEEDS, 1, least=1), some(SEEDS, 1, least=1), some(EVENTS, 1)),
    since=one_of(some(EPOCHS, 3), some(one_of(EPOCHS, RESUMED), 3, least=1), some(EVENTS, 4)),
    last=st.tuples(one_of(ENDS, ENDS, ENDS, EVENTS), STEPS, st.just("once")),
    again=st.sampled_from([0, 0, 0, 0, 1, 2, 3]),
    cut=st.sampled_from([0, 0, 0, 0, 0, 1, 30]),
    garbage=st.binary(max_size=400),
)
def test_the_last_lines_say_of_a_run_that_is_over_what_the_whole_log_says(
    before: Lines,
    seed: Lines,
    since: Lines,
    last: tuple[AnyEvent, int, str],
    again: int,
    cut: int,
    garbage: bytes,
) -> None:
    """Whatever the order, where lines are garbage, there twice or torn: it is the same, or the
    whole log is asked.
    """
    log = list[bytes]()
    number = 0
    for event, step, how in [*before, *seed, *since, last]:
        number += step
        if how == "after garbage":
            log.append(garbage.replace(b"\n", b"\r") + b"\n")
        if how == "after another":
            log.append(b'{"n":%d,"t":1.5,"kind":"dreamt","of":"sheep"}\n' % number)
        line = (
            json.dumps({"n": number, "t": number / 8, **event.model_dump()}, separators=(",", ":"))
            + "\n"
        )
        log += [line.encode()] * (2 if how == "twice" else 1)
    content = b"".join([*log, *(log[-again:] if again else [])])
    with tempfile.TemporaryDirectory() as folder, pytest.MonkeyPatch.context() as patch:
        patch.setattr(progress, "_ENDING_BYTES", 250)
        patch.setattr(progress, "_LAST_SEED_BYTES", 500)
        path = Path(folder) / "events.jsonl"
        path.write_bytes(content[: len(content) - cut])
        whole, brief = fold(EventReader(path).read()), fold_tail(path)
    if brief is None:
        return
    assert told(brief) == told(whole)
    if not isinstance(brief.end, Finished):
        assert (brief.losses, brief.epoch_ends, brief.replicate) == (
            whole.losses,
            whole.epoch_ends,
            whole.replicate,
        )


def told(said: Progress) -> tuple[object, ...]:
    return said.end, said.ended_at, said.last_event_at


def write_seeds(home: Home, end: AnyEvent) -> Run:
    """Write a run of many seeds whose last one has two epochs."""
    run = write_run(
        home, sunspots_trial(5).model_copy(update={"replicates": 64}), epochs=0, end=None
    )
    events = [logged.event for logged in EventReader(run.log).read()]
    for seed in range(1, 40):
        events += [
            ReplicateStarted(seed=seed),
            *map(epoch, range(1, 3)),
            ReplicateEnded(seed=seed, test_rmse=0.1),
        ]
    write_log(run, [*events, ReplicateStarted(seed=40), epoch(1), epoch(2), end])
    return run


@pytest.mark.parametrize(
    "end", [Cancelled(), Failed(what="It broke."), Failed(what="It broke.", diverged=True)]
)
def test_a_list_reads_of_many_seeds_that_were_stopped_only_the_last(
    home: Home, end: AnyEvent
) -> None:
    run = write_seeds(home, end)
    whole, brief = Snapshot.of(run), Snapshot.of(run, brief=Result)
    assert (brief.state, brief.seconds, str(brief.error)) == (
        whole.state,
        whole.seconds,
        str(whole.error),
    )
    assert (brief.progress.losses, brief.progress.replicate) == (
        [made_up_loss(1), made_up_loss(2)],
        40,
    )
    assert measured_numbers(run.submission.trial, brief.progress, None) == measured_numbers(
        run.submission.trial, whole.progress, None
    )
    assert (len(whole.progress.replicates), brief.progress.replicates) == (39, [])
    assert describe_run(brief) == describe_run(whole)


def test_the_end_tells_of_a_newer_program(home: Home) -> None:
    run = write_run(home, sunspots_trial(5, epochs=3), end=Finished(schema_version=2), result=True)
    assert "newer version" in str(Snapshot.of(run, brief=BriefResult).error)
    assert "newer version" in str(Snapshot.of(run).error)


def append(log: Path, event: AnyEvent) -> None:
    writer = EventWriter(log)
    writer.append(event)
    writer.close()


@pytest.mark.parametrize(
    "trial", [sunspots_trial(5, epochs=3), alice_trial(1, iterations=3)], ids=["series", "text"]
)
def test_a_list_reads_of_a_run_that_is_done_no_more_than_its_end(home: Home, trial: Trial) -> None:
    run = write_run(home, trial)
    whole, brief = Snapshot.of(run), Snapshot.of(run, brief=BriefResult)
    assert (brief.state, brief.seconds, brief.error) == ("done", whole.seconds, None)
    assert (
        measured_numbers(trial, brief.progress, brief.metrics)
        == measured_numbers(trial, whole.progress, whole.metrics)
        != "–"
    )
    assert measured_numbers(trial, whole.progress, None) != "–"
    assert format_metrics(brief.metrics) == format_metrics(whole.metrics) != ""
    assert len(whole.progress.losses) == 3
    assert (brief.progress.losses, brief.result) == ([], None)


@pytest.mark.parametrize(
    "trial", [sunspots_trial(5, epochs=3), alice_trial(1, iterations=3)], ids=["series", "text"]
)
def test_the_end_of_the_log_and_the_result_give_the_same_object_as_the_whole(
    home: Home, trial: Trial
) -> None:
    run = write_run(home, trial)
    whole, brief = Snapshot.of(run), Snapshot.of(run, brief=Result)
    assert (len(whole.progress.losses), brief.progress.losses) == (3, [])
    described = describe_run(brief)
    assert described == describe_run(whole)
    assert described["worker"]
    assert described["provenance"]
    assert described["metrics"]


def test_a_list_follows_a_run_that_was_done_and_goes_on(home: Home) -> None:
    run = write_run(home, sunspots_trial(5, epochs=3))
    watcher = RunWatcher(run, brief=BriefResult)
    watcher.poll()
    assert watcher.latest.state == "done"
    append(run.log, Resumed(after=1))
    append(run.log, epoch(7))
    assert not watcher.is_settled
    watcher.poll()
    assert (watcher.latest.progress, watcher.latest.progress.end) == (run.progress(), None)


def test_without_its_result_the_log_is_all_there_is(home: Home) -> None:
    run = write_run(home, sunspots_trial(5, epochs=3))
    (run.directory / "result.json").unlink()
    snapshot = Snapshot.of(run, brief=BriefResult)
    assert (snapshot.state, len(snapshot.progress.losses)) == ("done", 3)
    assert snapshot.problem


def test_the_collector_rests_while_a_home_is_read_and_goes_on(
    home: Home, monkeypatch: pytest.MonkeyPatch
) -> None:
    write_run(home, sunspots_trial(5, epochs=1))
    rested = list[bool]()
    poll = RunWatcher.poll

    def noted(watcher: RunWatcher) -> list[Logged]:
        rested.append(not gc.isenabled())
        return poll(watcher)

    monkeypatch.setattr(RunWatcher, "poll", noted)
    HomeWatcher(home).poll()
    assert (rested, gc.isenabled()) == ([True], True)


class Others:
    """What other processes may do to a run: one that trains nothing, and people with commands."""

    def __init__(self, run: Run) -> None:
        self.run = run
        self._result = (run.directory / "result.json").read_bytes()
        (run.directory / "result.json").unlink()
        run.log.unlink()
        self._lock: int | None = None

    def do(self, step: str) -> None:
        """Take a step, if it can be taken as the run stands."""
        if step == "resume" and self._lock is None:
            with suppress(LabError):
                resume(self.run)
        elif step == "work" and self._lock is None and self.run.progress().end is None:
            self._lock = locks.acquire(self.run.directory)
            self._say(
                Resumed(after=0),
                Started(pid=1, host="h", started=0.0),
                PhaseEntered(phase="training"),
            )
        elif step.startswith("note "):
            self.run.note_file.write_text(step.partition(" ")[2])
        elif self._lock is None or step in ("resume", "work"):
            return
        elif step == "epoch":
            self._say(epoch(len(self.run.progress().losses) + 1))
        else:
            if step == "finish":
                (self.run.directory / "result.json").write_bytes(self._result)
            ends: dict[str, list[AnyEvent]] = {
                "finish": [Finished()], "fail": [Failed(what="It broke.")], "cancel": [Cancelled()],
                "die": [],
            }  # fmt: skip
            self._say(*ends[step])
            self.leave()
            if step != "die":
                queue.remove(self.run.home, self.run.id)

    def _say(self, *events: AnyEvent) -> None:
        writer = EventWriter(self.run.log)
        for event in events:
            writer.append(event)
        writer.close()

    def leave(self) -> None:
        if self._lock is not None:
            os.close(self._lock)
            self._lock = None


def stands(snapshot: Snapshot) -> tuple[object, ...]:
    progress = snapshot.progress
    # A run that was watched to its end is known in full, one that had ended before the first look
    # in brief.
    return (
        snapshot.state,
        progress.end,
        progress.ended_at,
        format_metrics(snapshot.metrics),
        snapshot.problem,
    )


STEP = st.sampled_from(
    ["look"] * 3
    + [
        "resume",
        "work",
        "work",
        "epoch",
        "fail",
        "fail",
        "cancel",
        "die",
        "finish",
        "note a",
        "note b",
    ]
)


@settings(max_examples=150)
@given(st.lists(STEP, max_size=25))
def test_whatever_others_do_a_look_shows_what_a_first_look_shows(
    tmp_path_factory: pytest.TempPathFactory, steps: list[str]
) -> None:
    home = Home(tmp_path_factory.mktemp("home"))
    others = Others(write_run(home, sunspots_trial(5, epochs=2)))
    listed, page = HomeWatcher(home), RunWatcher(others.run)
    seen: list[tuple[Snapshot, Snapshot]] = []
    try:
        for step in [*steps, "look"]:
            if step != "look":
                others.do(step)
                continue
            (found,), (fresh,) = listed.poll().runs, HomeWatcher(home).poll().runs
            assert stands(found) == stands(fresh)
            assert (found.note, found.place) == (others.run.note, fresh.place)
            # As the page of a run polls.
            if not page.is_settled:
                page.poll()
            page.read_note()
            seen += [(snapshot, copy.deepcopy(snapshot)) for snapshot in (found, page.latest)]
            assert stands(page.latest) == stands(Snapshot.of(others.run))
            assert (page.latest.result, page.latest.progress, page.latest.note) == (
                others.run.result() if page.latest.state == "done" else None,
                others.run.progress(),
                others.run.note,
            )
        # What was drawn from a snapshot stays as it was, whatever is read later.
        assert all(snapshot == copied for snapshot, copied in seen)
    finally:
        others.leave()


def test_queued_runs_have_their_places(home: Home) -> None:
    first, held, second = accept(home, [sunspots_trial(number) for number in (1, 2, 3)])
    hold(held)
    watcher = HomeWatcher(home)
    assert {found.run.id: found.place for found in watcher.poll().runs} == {
        first.id: 1,
        held.id: None,
        second.id: 2,
    }
    move_to_front(second)
    assert {found.run.id: found.place for found in watcher.poll().runs} == {
        second.id: 1,
        held.id: None,
        first.id: 2,
    }
    cancel(second)
    assert {found.run.id: found.place for found in watcher.poll().runs} == {
        first.id: 1,
        held.id: None,
        second.id: None,
    }
