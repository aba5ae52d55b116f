"""A log that a crash has cut, or into which something got that is no event: readable, counted, and
gone on with.
"""

import json
from collections.abc import Iterator
from pydoc_data.topics import topics

import pytest
from helpers.factory import alice_trial, write_run
from helpers.faults import (
    Laboratory,
    copy_of,
    events_of,
    is_whole,
    laboratory,
    outcome,
    wait_until,
    with_two_checkpoints,
)

from engine.host.home import Home
from engine.runs.events import (
    Checkpointed,
    EventReader,
    EventWriter,
    IterationEnded,
    Resumed,
    Warned,
)
from engine.runs.run import Run
from engine.runs.watch import Snapshot

LINE = 10_000_000
GARBAGE = {
    "binary": bytes(range(256)).replace(b"\n", b"").replace(b"\r", b""),
    "a very long line": b'{"n":3,"t":1.0,"kind":"warning","text":"' + b"x" * LINE,
    "NUL bytes": bytes(4096),
    "invalid UTF-8": b'{"n":3,"t":1.0,"kind":"warning","text":"\xff\xfe"}',
    "an object of another shape": b'{"n":3,"t":1.0,"kind":"epoch","loss":[]}',
    "no object": b'["n",3]',
    "a number that is repeated": b'{"n":1,"t":1.0,"kind":"finished"}',
    "a number of thousands of digits": b'{"n":1' + b"0" * 3000 + b',"t":1.0,"kind":"finished"}',
    "a number that no checkpoint's name "
    "holds": b'{"n":1000000000000000000,"t":1.0,"kind":"finished"}',
    "a fraction for a number": b'{"n":7.5,"t":1.0,"kind":"finished"}',
    "true for a number": b'{"n":true,"t":1.0,"kind":"finished"}',
    "a newer program's event": b'{"n":3,"t":1.0,"kind":"dreamt","of":"sheep"}',
}
SETTINGS = ("iterations=2", "epochs_per_iteration=120", "predictions=500", "hidden_units=16")


def cut_at_every_byte(run: Run, events: int) -> Iterator[tuple[bytes, int]]:
    """Yield the log cut at every byte of its last events, and how many whole events that
    leaves.
    """
    whole = run.log.read_bytes()
    lines = whole.splitlines(True)
    for end in range(len(whole) - sum(len(line) for line in lines[-events:]), len(whole) + 1):
        yield whole[:end], whole[:end].count(b"\n")


def test_cut_at_every_byte_of_its_last_two_events(home: Home) -> None:
    run = write_run(
        home, alice_trial(1, iterations=2, predictions=30), end=None, iterations=1, characters=25
    )
    for content, count in cut_at_every_byte(run, 2):
        run.log.write_bytes(content)
        reader = EventReader(run.log)
        assert (len(reader.read()), reader.skipped) == (count, 0)
        snapshot = Snapshot.of(run)
        assert (snapshot.state, snapshot.skipped, len(snapshot.progress.losses)) == (
            "interrupted",
            0,
            2,
        )
        # Whoever writes next cuts off what is torn, and nothing else.
        writer = EventWriter(run.log)
        writer.append(Warned(text="here again"))
        writer.close()
        assert is_whole(run.log)
        assert len(EventReader(run.log).read()) == count + 1
        assert run.log.read_bytes().startswith(content[: content.rfind(b"\n") + 1])


@pytest.fixture(scope="module")
def trained(tmp_path_factory: pytest.TempPathFactory) -> tuple[Home, Run, Run]:
    """A trial that is done, and the same trial interrupted with two checkpoints."""
    folder = tmp_path_factory.mktemp("trained")
    corpus = folder / "small.txt"
    corpus.write_text(topics["types"].encode("ascii", "ignore").decode()[:6_000])
    home = Home(folder / "home")
    with laboratory(home) as lab:
        options = (f"--corpus={corpus}", *(f"--set={setting}" for setting in SETTINGS))
        undisturbed, run = with_two_checkpoints(lab, "alice/1", *options)
        wait_until(lambda: not lab.is_supervised())
    return home, undisturbed, run


@pytest.fixture
def lab(trained: tuple[Home, Run, Run]) -> Iterator[Laboratory]:
    with laboratory(trained[0]) as lab:
        yield lab


def without_its_end(run: Run, name: str) -> Run:
    """Return a copy of a run whose worker was killed before it could say how it ended."""
    copy = copy_of(run, name)
    lines = copy.log.read_bytes().splitlines(True)
    copy.log.write_bytes(b"".join(lines[:-1]))
    return copy


def test_a_run_whose_log_was_cut_goes_on_with_a_whole_one(
    lab: Laboratory, trained: tuple[Home, Run, Run]
) -> None:
    _home, undisturbed, run = trained
    cuts = list(cut_at_every_byte(run, 2))
    copies = []
    for number, (content, _count) in enumerate(cuts[:: len(cuts) // 3]):
        copies.append(copy_of(run, f"cut-{number}"))
        copies[-1].log.write_bytes(content)
    lab.call("resume", *(copy.id for copy in copies))
    for copy in copies:
        assert lab.ends(copy) == "done"
        assert is_whole(copy.log)
        assert outcome(copy) == outcome(undisturbed)


def test_a_run_goes_on_over_garbage_in_its_log(
    lab: Laboratory, trained: tuple[Home, Run, Run]
) -> None:
    _home, undisturbed, run = trained
    copy = without_its_end(run, "garbage")
    lines = copy.log.read_bytes().splitlines(True)
    middle = len(lines) // 2
    every = [line + b"\n" for line in GARBAGE.values()]
    copy.log.write_bytes(b"".join([*lines[:middle], *every, *lines[middle:]]))
    before = json.loads(lab.call("show", run.id, "--json"))["metrics"]
    said = lab.call("show", copy.id)
    assert f"{copy.id}  interrupted" in said
    assert said.endswith(f"\n{len(GARBAGE)} lines of the log could not be read.\n")
    assert (
        json.loads(lab.call("show", copy.id, "--json").rpartition("\n}")[0] + "}")["metrics"]
        == before
    )
    lab.call("resume", copy.id)
    assert lab.ends(copy) == "done"
    assert outcome(copy) == outcome(undisturbed)
    # From the newest checkpoint, whatever numbers the garbage has.
    newest = max(event.after for event in events_of(run) if isinstance(event, Checkpointed))
    resumed = [event.after for event in events_of(copy) if isinstance(event, Resumed)]
    assert resumed[-1] == newest
    assert lab.call("watch", copy.id).endswith(
        f"\ndone\n{len(GARBAGE)} lines of the log could not be read.\n"
    )


@pytest.mark.parametrize("garbage", GARBAGE.values(), ids=GARBAGE)
def test_garbage_hides_nothing_and_is_counted(home: Home, garbage: bytes) -> None:
    run = write_run(home, alice_trial(1, iterations=2, predictions=30))
    clean = Snapshot.of(run)
    lines = run.log.read_bytes().splitlines(True)
    # Every line twice too, as a copy that was taken up in the middle leaves it.
    for garbled in (
        [*lines[:5], garbage + b"\n", *lines[5:]],
        [*lines[:5], garbage + b"\n", *lines[3:]],
    ):
        run.log.write_bytes(b"".join(garbled))
        snapshot = Snapshot.of(run)
        assert snapshot.progress == clean.progress
        assert (snapshot.state, snapshot.skipped) == ("done", len(garbled) - len(lines))


def test_numbers_go_on_where_they_were_whatever_garbage_says(home: Home) -> None:
    run = write_run(home, alice_trial(1, iterations=2, predictions=30), end=None, iterations=1)
    last = len(EventReader(run.log).read())
    with run.log.open("ab") as file:
        file.writelines(line + b"\n" for name, line in GARBAGE.items() if "newer" not in name)
    writer = EventWriter(run.log)
    assert writer.last <= last
    writer.append(IterationEnded(iteration=2, loss=1.0))
    writer.close()
    assert EventReader(run.log).read()[-1].n == last + 1


def test_the_count_of_one_is_said_in_the_singular(home: Home) -> None:
    run = write_run(home, alice_trial(1, iterations=1, predictions=30))
    with run.log.open("ab") as file:
        file.write(b"garbage\n")
    assert Snapshot.of(run).log_damage == "1 line of the log could not be read."
