"""What a run took: the spans in which workers worked and in which it waited, from its log."""

import itertools
import json
from pathlib import Path

import pytest
from helpers.factory import SUBMITTED, sunspots_trial, write_log, write_run
from hypothesis import given
from hypothesis import strategies as st

from engine.host.home import Home
from engine.operations.control import cancel_if_idle
from engine.operations.submission import accept
from engine.reports.json_records import describe_run
from engine.runs.events import (
    AnyEvent,
    Cancelled,
    Checkpointed,
    Died,
    EpochEnded,
    EventReader,
    EventWriter,
    Failed,
    Finished,
    Logged,
    Resumed,
    Started,
    Warned,
)
from engine.runs.progress import fold
from engine.runs.results import Result
from engine.runs.timesheet import Timesheet, read_timesheet
from engine.runs.watch import Snapshot

STARTED = Started(pid=1, host="h", started=0.0)
EPOCH = EpochEnded(epoch=1, loss=0.5)
DIED = Died(why="It was killed.", by_itself=False)


def sheet(*events: tuple[float, AnyEvent]) -> Timesheet:
    return Timesheet.of(Logged(n, at, event) for n, (at, event) in enumerate(events, 1))


def taken(found: Timesheet, submitted: float = 0.0) -> tuple[float, float]:
    return found.worked(submitted), found.waited(submitted)


def test_a_run_waits_until_its_worker_starts() -> None:
    assert taken(sheet((65.0, STARTED), (66.0, EPOCH), (68.0, Failed(what="It broke.")))) == (
        3.0,
        65.0,
    )


def test_the_time_between_an_end_and_its_being_resumed_is_neither() -> None:
    found = sheet(
        (1.0, STARTED),
        (3.0, Failed(what="It broke.")),
        (1000.0, Resumed(after=1)),
        (1010.0, Resumed(after=0)),
        (1010.0, STARTED),
        (1015.0, Finished()),
    )
    assert taken(found) == (2.0 + 5.0, 1.0 + 10.0)


def test_a_worker_that_was_killed_worked_until_its_last_word() -> None:
    later = (500.0, DIED), (510.0, Resumed(after=0)), (510.0, STARTED), (514.0, Finished())
    assert taken(sheet((1.0, STARTED), (3.0, EPOCH), *later)) == (2.0 + 4.0, 1.0 + 507.0)
    # The supervisor was killed too, and nobody has said that it died.
    assert taken(sheet((1.0, STARTED), (3.0, EPOCH), *later[1:])) == (2.0 + 4.0, 1.0 + 507.0)


def test_one_that_is_cancelled_with_no_worker_at_it_has_not_worked_since(home: Home) -> None:
    run = write_run(home, sunspots_trial(5), end=None, epochs=2)
    assert cancel_if_idle(run)
    snapshot = Snapshot.of(run)
    # Seven events, a second apart; the end comes when the test does.
    assert snapshot.seconds_working == 6.0
    assert snapshot.state == "cancelled"


def test_one_that_never_started_has_only_waited() -> None:
    assert taken(sheet((65.0, Cancelled(without_worker=True))), 5.0) == (0.0, 60.0)


def test_what_was_worked_on_before_the_submission_is_the_parent_s() -> None:
    parent = (1.0, STARTED), (9.0, EPOCH), (10.0, Checkpointed(after=2))
    found = sheet(*parent, (103.0, Resumed(after=3)), (103.0, STARTED), (107.0, Finished()))
    assert taken(found, 100.0) == (4.0, 3.0)


def test_clocks_that_were_set_back_make_nothing_negative() -> None:
    assert taken(sheet((100.0, STARTED), (90.0, EPOCH), (80.0, Finished())), 200.0) == (0.0, 0.0)


def test_an_extended_run_took_its_own_time(home: Home) -> None:
    run = write_run(home, sunspots_trial(5, epochs=3))
    (other,) = accept(home, [sunspots_trial(5, epochs=4)])
    write_log(
        other,
        [*(logged.event for logged in EventReader(run.log).read()[:-1])],
        began=SUBMITTED.timestamp(),
    )
    later = other.submission.submitted.timestamp()
    with other.log.open("a") as log:
        for n, event in ((20, STARTED), (21, Finished())):
            log.write(json.dumps({"n": n, "t": later + n, **event.model_dump()}) + "\n")
    snapshot = Snapshot.of(other)
    assert (snapshot.seconds_working, snapshot.seconds_waiting) == pytest.approx(
        (1.0, 20.0), abs=0.01
    )


def test_a_run_that_goes_on_has_no_times_yet(home: Home) -> None:
    run = write_run(home, sunspots_trial(5), end=None, epochs=3, host="elsewhere")
    described = describe_run(Snapshot.of(run))
    assert (described["seconds"], described["seconds_working"], described["seconds_waiting"]) == (
        None,
        None,
        None,
    )


WORK = st.lists(
    st.sampled_from([EPOCH, EPOCH, Warned(text='"kind":"started"'), Checkpointed(after=2)]),
    max_size=4,
)
ENDS = st.sampled_from(
    [(Finished(),), (Cancelled(),), (Failed(what="It broke."),), (DIED, Failed(what="It died."))]
)
RESUMED = Resumed(after=0)
SESSIONS = st.one_of(
    # It ended, and a person resumed it; its worker was killed, which somebody noticed, or nobody.
    st.builds(lambda work, end: [STARTED, *work, *end, RESUMED, RESUMED], WORK, ENDS),
    st.builds(
        lambda work, died: [STARTED, *work, *([DIED] if died else []), RESUMED], WORK, st.booleans()
    ),
)
GARBAGE = st.sampled_from(
    [b"", b"", b"", b"garbage\n", b'{"n":1,"kind":"started"}\n', b"\xff\n", b"\n"]
)


@given(
    st.lists(SESSIONS, max_size=4),
    st.builds(lambda work, end: [STARTED, *work, *end], WORK, ENDS),
    st.data(),
    st.sampled_from([b"", b'{"n":99,"t":9']),
)
def test_the_few_lines_that_are_read_say_what_the_whole_log_says(
    tmp_path_factory: pytest.TempPathFactory,
    sessions: list[list[AnyEvent]],
    last: list[AnyEvent],
    data: st.DataObject,
    torn: bytes,
) -> None:
    log = tmp_path_factory.mktemp("log") / "events.jsonl"
    at, content = 0, b""
    for n, event in enumerate([*itertools.chain(*sessions), *last], 1):
        at += data.draw(st.integers(0, 50))
        line = json.dumps({"n": n, "t": at, **event.model_dump()}, separators=(",", ":"))
        content += data.draw(GARBAGE) + line.encode() + b"\n"
    log.write_bytes(content + torn)
    whole = EventReader(log).read()
    found, folded = read_timesheet(log), fold(whole).timesheet
    assert folded is not None
    assert found.worker == folded.worker
    assert (found.working, found.waiting) == (folded.working, folded.waiting)
    # Nothing is counted twice, or for longer than it took.
    assert len(found.working) == len(sessions) + 1
    assert found.worked(0.0) + found.waited(0.0) <= at


def test_a_list_s_brief_look_has_the_same_times(home: Home) -> None:
    for end in (Finished(), Cancelled(), Failed(what="It broke.")):
        run = write_run(home, sunspots_trial(5, epochs=3), end=end, epochs=3)
        whole, brief = Snapshot.of(run), Snapshot.of(run, brief=Result)
        assert whole.seconds_waiting == brief.seconds_waiting == 1.0
        assert whole.seconds_working == brief.seconds_working
        assert whole.seconds is not None
        assert whole.seconds_working == whole.seconds - 1.0


@pytest.fixture
def log(tmp_path: Path) -> Path:
    return tmp_path / "events.jsonl"


def worker(pid: int) -> Started:
    return Started(pid=pid, host="h", started=1.5)


def test_the_last_worker_is_found_past_what_only_looks_like_one(log: Path) -> None:
    writer = EventWriter(log)
    for event in (worker(1), Cancelled(), worker(2), Warned(text='"kind":"started"'), Finished()):
        writer.append(event)
    writer.close()
    content = log.read_bytes()
    for more in (
        b"",
        b'{"kind":"started"}\n',
        b'"kind":"started"\n\xff\n',
        content.splitlines()[0],
    ):
        log.write_bytes(content + more)
        assert read_timesheet(log).worker == worker(2)


@pytest.mark.parametrize(
    "content", [None, b"", b"\n", b'{"n":1,"t":0,"kind":"finished"}\n', b'{"kind":"started"']
)
def test_a_log_may_know_of_no_worker(log: Path, content: bytes | None) -> None:
    if content is not None:
        log.write_bytes(content)
    assert read_timesheet(log).worker is None
