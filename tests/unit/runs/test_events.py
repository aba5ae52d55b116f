"""The log: what a crash, a torn line, garbage or a newer program leaves in it, and who reads it
when.
"""

import math
from pathlib import Path

import pytest
from helpers.factory import python
from hypothesis import given
from hypothesis import strategies as st

from engine.runs.events import (
    AnyEvent,
    Cancelled,
    Characters,
    Died,
    EpochEnded,
    EpochProgress,
    EventReader,
    EventWriter,
    Failed,
    Finished,
    IterationEnded,
    Logged,
    PhaseEntered,
    SamplingStarted,
    Started,
    Warned,
    parse,
)

EVERY_KIND: list[AnyEvent] = [
    Started(pid=1, host="h", started=1.5),
    PhaseEntered(phase="training"),
    EpochProgress(done=3, total=10),
    EpochEnded(epoch=1, loss=0.1 + 0.2),
    SamplingStarted(iteration=1, seed_text=' "quoted" \\ | ` '),
    Characters(iteration=1, text="  blanks  "),
    IterationEnded(iteration=1, loss=1e-300),
    Warned(text="ñ → “x”"),
    Failed(what="It broke.", remedy="Fix it.", diverged=True, epoch=3),
    Cancelled(),
    Finished(),
]


@pytest.fixture
def log(tmp_path: Path) -> Path:
    return tmp_path / "events.jsonl"


def write(log: Path, *events: AnyEvent) -> None:
    writer = EventWriter(log)
    for event in events:
        writer.append(event)
    writer.close()


def epochs(count: int) -> list[AnyEvent]:
    return [EpochEnded(epoch=epoch, loss=1.0 / epoch) for epoch in range(1, count + 1)]


def numbers(logged: list[Logged]) -> list[int]:
    return [entry.n for entry in logged]


def test_every_kind_comes_back_as_it_was_written(log: Path) -> None:
    write(log, *EVERY_KIND)
    found = EventReader(log).read()
    assert [entry.event for entry in found] == EVERY_KIND
    assert numbers(found) == list(range(1, len(EVERY_KIND) + 1))
    assert log.read_bytes().count(b"\n") == len(EVERY_KIND)


@given(st.text(st.characters()), st.floats())
def test_any_text_and_any_loss_take_one_line_and_come_back(
    tmp_path_factory: pytest.TempPathFactory, text: str, loss: float
) -> None:
    log = tmp_path_factory.mktemp("log") / "events.jsonl"
    write(log, Characters(iteration=1, text=text), EpochEnded(epoch=1, loss=loss))
    assert log.read_bytes().count(b"\n") == 2
    one, other = (entry.event for entry in EventReader(log).read())
    assert one == Characters(iteration=1, text=text)
    assert isinstance(other, EpochEnded)
    assert other.loss == loss or (math.isnan(other.loss) and math.isnan(loss))


def test_a_log_that_is_not_there_has_no_events(log: Path) -> None:
    reader = EventReader(log)
    assert reader.read() == []
    write(log, Finished())
    assert numbers(reader.read()) == [1]


def test_the_log_belongs_to_its_owner_alone(log: Path) -> None:
    write(log, Finished())
    assert log.stat().st_mode & 0o777 == 0o600


def test_a_last_line_torn_at_any_byte_has_not_happened_and_is_cut_off(log: Path) -> None:
    write(log, *epochs(2))
    whole = log.read_bytes()
    first = whole.index(b"\n") + 1
    for cut in range(first, len(whole)):
        log.write_bytes(whole[:cut])
        reader = EventReader(log)
        assert numbers(reader.read()) == [1], cut
        assert reader.skipped == 0
        write(log, Warned(text="again"))
        assert numbers(reader.read()) == [2], cut
        assert reader.skipped == 0
        assert numbers(EventReader(log).read()) == [1, 2]


def test_a_torn_line_is_cut_off_before_anything_is_appended(log: Path) -> None:
    write(log, *epochs(2))
    whole = log.read_bytes()
    log.write_bytes(whole + b'{"n":3,"t":1.0,"ki')
    EventWriter(log).close()
    assert log.read_bytes() == whole


def test_a_log_that_is_one_torn_line_begins_anew(log: Path) -> None:
    log.write_bytes(b'{"n":1,"t":1.0,"kind":"fini')
    write(log, Cancelled())
    assert [(entry.n, entry.event) for entry in EventReader(log).read()] == [(1, Cancelled())]


def test_a_reader_sees_a_line_only_once_it_is_whole(log: Path) -> None:
    write(log, *epochs(1))
    reader = EventReader(log)
    assert numbers(reader.read()) == [1]
    line = b'{"n":2,"t":2.0,"kind":"characters","iteration":1,"text":"\xc3\xb1"}\n'
    for byte in line[:-1]:
        with log.open("ab") as file:
            file.write(bytes([byte]))
        assert reader.read() == []
    with log.open("ab") as file:
        file.write(line[-1:])
    assert [entry.event for entry in reader.read()] == [Characters(iteration=1, text="ñ")]
    assert reader.skipped == 0


GARBAGE = {
    "an empty line": b"",
    "no JSON": b"half a line{",
    "NUL bytes of a crash": bytes(40),
    "no UTF-8": b'{"n":1,"t":1.0,"kind":"warning","text":"\xe9"}',
    "no object": b"[1, 2]",
    "a number": b"7",
    "null": b"null",
    "no number": b'{"t":1.0,"kind":"finished"}',
    "no time": b'{"n":1,"kind":"finished"}',
    "a number that is none": b'{"n":"x","t":1.0,"kind":"finished"}',
    "NaN as number": b'{"n":NaN,"t":1.0,"kind":"finished"}',
    "no kind": b'{"n":1,"t":1.0}',
    "a newer program's kind": b'{"n":1,"t":1.0,"kind":"resumed","epoch":3}',
    "a kind that is a list": b'{"n":1,"t":1.0,"kind":[]}',
    "a newer program's phase": b'{"n":1,"t":1.0,"kind":"phase","phase":"dreaming"}',
    "a field of the wrong type": b'{"n":1,"t":1.0,"kind":"epoch","epoch":"x","loss":1}',
    "a field that is missing": b'{"n":1,"t":1.0,"kind":"epoch","epoch":1}',
    "a huge integer": b'{"n":' + b"9" * 5000 + b',"t":1.0,"kind":"finished"}',
    "infinity as number": b'{"n":Infinity,"t":1.0,"kind":"finished"}',
    "a number beyond floats": b'{"n":1e999,"t":1.0,"kind":"finished"}',
    "a time beyond floats": b'{"n":1,"t":' + b"9" * 400 + b',"kind":"finished"}',
    "nesting": b"[" * 100_000,
}


@pytest.mark.parametrize("garbage", GARBAGE.values(), ids=GARBAGE)
def test_a_line_of_garbage_is_skipped_and_counted(log: Path, garbage: bytes) -> None:
    write(log, *epochs(1))
    with log.open("ab") as file:
        file.write(garbage + b"\n")
    write(log, *epochs(1))
    reader = EventReader(log)
    assert [entry.event for entry in reader.read()] == [*epochs(1), *epochs(1)]
    assert reader.skipped == 1


@given(
    st.lists(st.binary().filter(lambda line: b"\n" not in line and b"\r" not in line), max_size=4)
)
def test_any_bytes_between_events_hide_none_of_them(
    tmp_path_factory: pytest.TempPathFactory, garbage: list[bytes]
) -> None:
    log = tmp_path_factory.mktemp("log") / "events.jsonl"
    write(log, *epochs(2))
    with log.open("ab") as file:
        file.writelines(line + b"\n" for line in garbage)
    write(log, Finished())
    reader = EventReader(log)
    assert [entry.event for entry in reader.read()] == [*epochs(2), Finished()]
    assert reader.skipped == len(garbage)


@pytest.mark.parametrize("time", ["NaN", "Infinity", "-Infinity"])
def test_a_time_that_is_no_number_is_garbage(time: str) -> None:
    assert parse(f'{{"n":1,"t":{time},"kind":"finished"}}'.encode()) is None


def test_a_newer_program_s_extra_fields_are_ignored() -> None:
    logged = parse(b'{"n":4,"t":1.5,"kind":"epoch","epoch":2,"loss":0.5,"val_loss":0.7}')
    assert logged == Logged(4, 1.5, EpochEnded(epoch=2, loss=0.5))


def test_numbering_goes_on_where_the_former_writer_stopped(log: Path) -> None:
    write(log, *epochs(3))
    write(log, *epochs(2))
    assert numbers(EventReader(log).read()) == [1, 2, 3, 4, 5]


def test_numbering_goes_on_after_a_kind_that_is_unknown(log: Path) -> None:
    write(log, *epochs(1))
    with log.open("ab") as file:
        file.write(b'{"n":2,"t":1.0,"kind":"resumed","epoch":0}\n')
    write(log, Finished())
    assert numbers(EventReader(log).read()) == [1, 3]


_WRITE_MANY = """
import sys
from pathlib import Path
from engine.runs.events import Characters, EventWriter
writer = EventWriter(Path(sys.argv[1]))
for number in range(int(sys.argv[2])):
    writer.append(Characters(iteration=1, text="ñ" * (number % 50)))
"""


def test_a_reader_beside_a_writer_gets_every_event_once_and_in_order(log: Path) -> None:
    count = 3000
    reader = EventReader(log)
    found: list[Logged] = []
    with python(_WRITE_MANY, str(log), str(count)) as writer:
        while writer.poll() is None:
            found += reader.read()
        found += reader.read()
        assert writer.returncode == 0
    assert numbers(found) == list(range(1, count + 1))
    assert [entry.event for entry in found] == [
        Characters(iteration=1, text="ñ" * (n % 50)) for n in range(count)
    ]
    assert reader.skipped == 0


_FILL_DISK = """
import resource, sys
from pathlib import Path
from engine.runs.events import EventWriter, Failed, Warned
log = Path(sys.argv[1])
writer = EventWriter(log)
writer.append(Warned(text="first"))
hard = resource.getrlimit(resource.RLIMIT_FSIZE)[1]
resource.setrlimit(resource.RLIMIT_FSIZE, (log.stat().st_size + 20, hard))
try:
    writer.append(Warned(text="does not fit"))
except OSError as error:
    print(type(error).__name__)
if sys.argv[2] == "room again":
    resource.setrlimit(resource.RLIMIT_FSIZE, (hard, hard))
    writer.append(Failed(what="The disk is full."))
"""


def test_a_disk_that_fills_up_is_an_error_and_leaves_what_was_whole(log: Path) -> None:
    said, _errors = python(_FILL_DISK, str(log), "no room").communicate()
    assert said == "OSError\n"
    assert [entry.event for entry in EventReader(log).read()] == [Warned(text="first")]


def test_the_last_word_of_a_run_whose_disk_was_full_can_be_read(log: Path) -> None:
    python(_FILL_DISK, str(log), "room again").communicate()
    reader = EventReader(log)
    assert [entry.event for entry in reader.read()] == [
        Warned(text="first"),
        Failed(what="The disk is full."),
    ]
    assert reader.skipped == 0


@pytest.mark.parametrize("cause", ["", ',"cause":null', ',"cause":"something newer"'])
def test_a_death_that_an_older_or_a_newer_version_wrote_is_read(cause: str) -> None:
    line = f'{{"n":1,"t":1.5,"kind":"died","why":"It was killed.","by_itself":false{cause}}}'
    assert parse(line.encode()) == Logged(1, 1.5, Died(why="It was killed.", by_itself=False))
    known = line.replace("}", ',"cause":"memory"}') if not cause else line
    logged = parse(known.encode())
    assert logged is not None
    assert isinstance(logged.event, Died)
    assert logged.event.cause == (None if cause else "memory")
