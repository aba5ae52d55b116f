"""Run directories: their names, their modes, finding them again, and what state they are in."""

import os
import re
import socket
import stat
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest
from helpers.factory import (
    SUBMITTED,
    alice_trial,
    lock_held,
    made_up_loss,
    make_private,
    sunspots_trial,
    write_run,
)
from hypothesis import given
from hypothesis import strategies as st

from engine.errors import LabError, UsageError
from engine.host import locks
from engine.host.files import write_atomic
from engine.host.home import Home, find_home
from engine.operations import submission
from engine.operations.submission import accept
from engine.runs import queue
from engine.runs.events import Cancelled, EventWriter, Failed, Finished, PhaseEntered
from engine.runs.run import UNFINISHED, Run, State, all_runs, find_run, list_runs
from engine.training.compiled import CompiledPrograms
from engine.trials.trial import Trial
from engine.trials.variant import Variant


@pytest.fixture
def no_umask() -> Iterator[None]:
    before = os.umask(0)
    yield
    os.umask(before)


def state_of(run: Run) -> State:
    return run.state(run.progress())


def created(home: Home, trial: Trial) -> Run:
    """Make a run on which nobody works."""
    (run,) = accept(home, [trial])
    queue.remove(home, run.id)
    return run


# Making one.


def test_ids_are_typeable_unique_and_known_by_their_first_four_letters(home: Home) -> None:
    ids = [created(home, sunspots_trial(11)).id for _run in range(60)]
    assert all(re.fullmatch(r"[a-z0-9]{4}-sunspots-11", name) for name in ids)
    assert len({name[:4] for name in ids}) == len(ids)
    assert not {letter for name in ids for letter in name[:4]} & set("aeiou01l")


def test_a_trial_comes_back_as_it_was_asked(home: Home) -> None:
    for trial in (sunspots_trial(8, epochs=3, seed=7), alice_trial(4, seqlen=12, seed=2**32 - 1)):
        run = created(home, trial)
        read = Run(run.directory).submission
        assert read.trial == trial
        assert (read.id, read.host) == (run.id, socket.gethostname())
        assert read.submitted.tzinfo is not None


@pytest.mark.usefixtures("no_umask")
def test_a_run_is_private_whatever_the_umask(home: Home) -> None:
    run = created(home, sunspots_trial())
    EventWriter(run.log).close()
    run.request_cancel()
    modes = {path: stat.S_IMODE(path.stat().st_mode) for path in [home.root, *home.root.rglob("*")]}
    assert {mode for path, mode in modes.items() if path.is_dir()} == {0o700}
    assert {mode for path, mode in modes.items() if path.is_file()} == {0o600}
    assert run.cancel_request in modes


def test_a_home_that_can_t_be_written_is_said_in_a_sentence(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(UsageError, match=r"Can't make the folder .*RNNLAB_HOME"):
        accept(Home(tmp_path / "file" / "home"), [sunspots_trial()])


def test_a_full_disk_is_said_in_a_sentence(home: Home, monkeypatch: pytest.MonkeyPatch) -> None:
    def no_room(_descriptor: int) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "fsync", no_room)
    with pytest.raises(LabError, match=r"No space left on device\. Make room"):
        accept(home, [sunspots_trial()])
    assert all_runs(home) == []


def test_a_refused_lock_is_said_and_leaves_no_empty_folder(
    home: Home, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "locks").mkdir()
    (tmp_path / "locks").chmod(0o755)
    monkeypatch.setenv("RNNLAB_LOCKS", str(tmp_path / "locks"))
    monkeypatch.setattr(locks, "_is_on_local_disk", lambda _folder: False)
    with pytest.raises(LabError, match="is not a private folder of yours"):
        accept(home, [sunspots_trial()])
    assert not home.root.exists()


def test_a_run_is_queued_from_before_it_can_be_seen(
    home: Home, monkeypatch: pytest.MonkeyPatch
) -> None:
    queued: list[bool] = []
    rename = Path.rename

    def renamed(path: Path, target: Path) -> Path:
        if target.parent == home.runs:
            queued.append(queue.contains(home, target.name))
        return rename(path, target)

    monkeypatch.setattr(Path, "rename", renamed)
    (run,) = accept(home, [sunspots_trial()])
    assert queued == [True]
    assert state_of(run) == "queued"
    queue.remove(home, run.id)
    assert state_of(run) == "interrupted"


def test_several_are_accepted_or_none(home: Home, monkeypatch: pytest.MonkeyPatch) -> None:
    written: list[Path] = []

    def write(path: Path, content: bytes) -> None:
        if len(written) == 2:
            raise OSError(28, "No space left on device")
        written.append(path)
        write_atomic(path, content)

    monkeypatch.setattr(submission, "write_atomic", write)
    with pytest.raises(LabError, match="No space left on device"):
        accept(home, [sunspots_trial(5), sunspots_trial(6), sunspots_trial(7)])
    assert len(written) == 2
    assert list(home.runs.iterdir()) == []
    assert queue.entries(home) == []


# Finding it again.


@pytest.fixture
def some(home: Home) -> Home:
    for name in ("bcdf-sunspots-5", "bcdf-sunspots-5-2", "bghj-alice-1"):
        write_run(home, sunspots_trial(5, epochs=1), run_id=name)
    return home


@pytest.mark.parametrize(
    ("name", "found"),
    [
        ("bghj-alice-1", "bghj-alice-1"),
        ("bg", "bghj-alice-1"),
        ("bghj-", "bghj-alice-1"),
        ("bcdf-sunspots-5", "bcdf-sunspots-5"),
        ("bcdf-sunspots-5-", "bcdf-sunspots-5-2"),
    ],
)
def test_a_run_is_found_by_its_id_or_an_unambiguous_beginning(
    some: Home, name: str, found: str
) -> None:
    assert find_run(some, name).id == found


def test_an_ambiguous_beginning_is_refused_with_what_it_could_be(some: Home) -> None:
    with pytest.raises(
        UsageError, match=r"b is short for 3 runs\. .*bcdf-sunspots-5, .*bghj-alice-1"
    ):
        find_run(some, "b")


@pytest.mark.parametrize("name", ["zzzz", "lice", "-"])
def test_an_unknown_id_is_refused_with_where_it_was_looked_for(some: Home, name: str) -> None:
    with pytest.raises(UsageError, match=f"There is no run {name} in {re.escape(str(some.root))}"):
        find_run(some, name)


@pytest.mark.parametrize(
    "name",
    [
        "",
        "*",
        "?",
        "[b]",
        ".",
        "..",
        "../runs",
        "bcdf/",
        "BCDF",
        "bcdf\n",
        "b\x00",
        "ñ",
        "b cdf",
        "\x1b[2J",
        "²",
    ],
)
def test_a_hostile_name_is_no_run_id(some: Home, name: str) -> None:
    with pytest.raises(UsageError, match="is not a run id") as caught:
        find_run(some, name)
    assert str(caught.value).isprintable()


@given(st.text(st.characters(), max_size=20))
def test_no_name_leads_out_of_the_folder_of_runs(
    tmp_path_factory: pytest.TempPathFactory, name: str
) -> None:
    home = Home(tmp_path_factory.getbasetemp() / "find")
    make_private(home.runs / "bcdf-sunspots-5")
    try:
        assert find_run(home, name).directory == home.runs / "bcdf-sunspots-5"
    except UsageError:
        return
    assert "bcdf-sunspots-5".startswith(name)


def test_a_home_in_which_nothing_ran_has_no_runs(home: Home) -> None:
    assert list_runs(home) == []
    with pytest.raises(UsageError, match="There is no run"):
        find_run(home, "bcdf")
    assert not home.root.exists()


def test_files_beside_the_runs_are_none(some: Home) -> None:
    (some.runs / "bz").write_text("")
    assert len(list_runs(some)) == 3
    with pytest.raises(UsageError, match="There is no run"):
        find_run(some, "bz")


def test_runs_are_listed_newest_first(home: Home) -> None:
    for hours, name in ((2, "second"), (1, "third"), (3, "first")):
        write_run(
            home,
            sunspots_trial(5, epochs=1),
            run_id=name,
            submitted=SUBMITTED + timedelta(hours=hours),
        )
    assert [run.id for run in list_runs(home)] == ["first", "second", "third"]


DAMAGE = {
    "missing": None,
    "empty": b"",
    "torn": b'{"schema_version": 1, "id": "bcd',
    "no UTF-8": b"\xff\xfe",
    "another object": b"[]",
    "nested": b"[" * 100_000,
    "NUL bytes": bytes(500),
}


@pytest.mark.parametrize("content", DAMAGE.values(), ids=DAMAGE)
def test_a_damaged_request_is_left_out_of_the_list_and_said_when_asked_for(
    some: Home, content: bytes | None
) -> None:
    path = some.runs / "bghj-alice-1" / "trial.json"
    if content is None:
        path.unlink()
    else:
        path.write_bytes(content)
    assert [run.id for run in list_runs(some)] == ["bcdf-sunspots-5", "bcdf-sunspots-5-2"]
    with pytest.raises(LabError, match="missing, damaged or from a newer version") as caught:
        _submission = find_run(some, "bghj").submission
    assert str(path) in str(caught.value)


@pytest.mark.parametrize(
    ("good", "bad"),
    [
        ('"sunspots/5"', '"sunspots/5", "dropout": 0.5'),
        ('"epochs": 1', '"epochs": 0'),
        ('"epochs": 1', '"epochs": 1e30'),
        ('"kind": "forecast"', '"kind": "weather"'),
        ('"cpu"', '"tpu"'),
        ('"sunspots/5"', '"weather/5"'),
        ('"sunspots/5"', '"sunspots/5\\n# x"'),
        ('"sunspots/5"', '"\\u001b]0;owned\\u0007"'),
        ('"name": "sunspots"', '"name": "a\\u001b[31m.txt"'),
        ('"name": "sunspots"', '"name": "a\\nb"'),
        ('"schema_version": 2', '"schema_version": 3'),
        ('"sha256": "', '"sha256": "../../'),
    ],
)
def test_a_request_that_this_program_can_t_run_is_not_read(some: Home, good: str, bad: str) -> None:
    path = some.runs / "bghj-alice-1" / "trial.json"
    content = path.read_text("utf-8")
    assert good in content
    path.write_text(content.replace(good, bad), "utf-8")
    with pytest.raises(LabError, match="newer version"):
        _submission = find_run(some, "bghj").submission


@pytest.mark.parametrize("content", [b"", b"{", b"[]", b"\xff", b'{"metrics": {}}'])
def test_a_damaged_result_is_said(some: Home, content: bytes) -> None:
    (some.runs / "bghj-alice-1" / "result.json").write_bytes(content)
    with pytest.raises(LabError, match="The result of run bghj-alice-1 can't be read"):
        find_run(some, "bghj").result()


def test_a_run_without_a_result_has_none(home: Home) -> None:
    assert write_run(home, sunspots_trial(), end=None, epochs=3).result() is None


# What state it is in: the log's end decides; without one, the lock and the requests.


@pytest.mark.parametrize(
    ("end", "state"),
    [
        (Finished(), "done"),
        (Cancelled(), "cancelled"),
        (Failed(what="It broke."), "failed"),
        (Failed(what="It ran away.", diverged=True, epoch=3), "diverged"),
    ],
)
def test_the_log_s_end_decides(
    home: Home, end: Finished | Cancelled | Failed, state: State
) -> None:
    run = write_run(home, sunspots_trial(), end=end, epochs=2)
    run.request_cancel()
    assert state_of(run) == state
    with lock_held(run.directory):
        assert state_of(run) == state
    assert state not in UNFINISHED


def test_a_live_worker_starts_and_runs(home: Home) -> None:
    run = created(home, sunspots_trial())
    lock = locks.acquire(run.directory)
    assert lock is not None
    try:
        assert state_of(run) == "starting"
        writer = EventWriter(run.log)
        writer.append(PhaseEntered(phase="importing"))
        assert state_of(run) == "starting"
        writer.append(PhaseEntered(phase="training"))
        assert state_of(run) == "running"
        writer.append(PhaseEntered(phase="predicting"))
        writer.close()
        run.request_cancel()
        assert state_of(run) == "cancelling"
    finally:
        os.close(lock)
    assert state_of(run) == "interrupted"


def test_a_run_that_samples_is_running(home: Home) -> None:
    run = write_run(home, alice_trial(1, iterations=3), end=None, iterations=1, characters=5)
    with lock_held(run.directory):
        assert state_of(run) == "running"


def test_a_dead_worker_s_run_is_interrupted(home: Home) -> None:
    run = write_run(home, sunspots_trial(), end=None, epochs=2)
    with lock_held(run.directory) as worker:
        assert state_of(run) == "running"
        worker.kill()
        worker.wait()
        assert state_of(run) == "interrupted"


def test_of_another_host_s_run_the_log_is_all_there_is(home: Home) -> None:
    run = write_run(home, sunspots_trial(), end=None, epochs=2, host="elsewhere")
    assert state_of(run) == "running"
    run.request_cancel()
    assert state_of(run) == "cancelling"
    assert state_of(write_run(home, sunspots_trial(), end=Finished(), host="elsewhere")) == "done"


def test_a_torn_end_has_not_happened(home: Home) -> None:
    run = write_run(home, sunspots_trial(5, epochs=1))
    run.log.write_bytes(run.log.read_bytes()[:-1])
    assert state_of(run) == "interrupted"
    assert run.progress().losses == [made_up_loss(1)]


def test_asking_twice_to_cancel_is_asking_once(home: Home) -> None:
    run = created(home, sunspots_trial())
    run.request_cancel()
    run.request_cancel()
    assert run.cancel_request.exists()


# Where all this lies.


def test_the_home_is_the_one_given_else_rnnlab_home_else_the_data_directory(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path / "xdg"))
    assert find_home().root == tmp_path / "xdg" / "rnnlab"
    monkeypatch.setenv("RNNLAB_HOME", str(tmp_path / "environment"))
    assert find_home().root == tmp_path / "environment"
    assert find_home(tmp_path / "given").root == tmp_path / "given"
    monkeypatch.setenv("RNNLAB_HOME", "")
    assert find_home("").root == tmp_path / "xdg" / "rnnlab"


def test_a_relative_home_stays_where_it_was_when_the_folder_changes(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    assert find_home("lab").root == tmp_path / "lab"


def test_a_tilde_is_the_person_s_own_folder(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HOME", str(tmp_path))
    assert find_home("~/lab").root == tmp_path / "lab"


def test_the_folder_of_a_person_who_does_not_exist_is_refused_in_a_sentence() -> None:
    with pytest.raises(UsageError, match=r"~no-such-person/lab can't be a path: [^.]*\.$"):
        find_home("~no-such-person/lab")


@pytest.fixture
def nobody(monkeypatch: pytest.MonkeyPatch) -> None:
    """A user without a home folder: a container's, whose number no file knows."""
    for name in ("HOME", "RNNLAB_HOME", "XDG_DATA_HOME", "XDG_CACHE_HOME"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setattr("os.path.expanduser", lambda path: path)


@pytest.mark.usefixtures("nobody")
def test_who_has_no_folder_has_to_choose_a_home(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match=r"HOME is not set\. Choose a home with --home DIR"):
        find_home()
    assert find_home(tmp_path).root == tmp_path


@pytest.mark.usefixtures("nobody")
def test_who_has_no_folder_trains_without_a_cache(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    programs = CompiledPrograms(tmp_path / "stage", sunspots_trial(1), Variant.ONE_THREAD)
    programs.load()
    programs.save()
    assert (
        "The user's folder is not known. Set XDG_CACHE_HOME to a folder of your own." in caplog.text
    )
