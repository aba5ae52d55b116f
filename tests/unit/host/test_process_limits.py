"""A limit of processes is known by what is said of it; running out of memory is not taken for
it.
"""

import pytest

from engine.host import out_of_memory, process_limits

THREADS = [
    "RuntimeError: can't start new thread",
    "OpenBLAS blas_thread_init: pthread_create failed for thread 1 of 2: Resource temporarily "
    "unavailable",
    "Check failed: ret == 0 (11 vs. 0) Thread tf_Compute creation via pthread_create() failed.",
    "  what():  Resource temporarily unavailable",
]
PROCESSES = [
    "bash: fork: retry: Resource temporarily unavailable",
    "BlockingIOError: [Errno 11] Resource temporarily unavailable",
]


@pytest.mark.parametrize("words", [*THREADS, *PROCESSES])
def test_it_is_known_by_its_words(monkeypatch: pytest.MonkeyPatch, words: str) -> None:
    monkeypatch.setattr("engine.host.out_of_memory.address_space", lambda: None)
    assert process_limits.mentions_limit(words)
    assert not out_of_memory.mentions_oom(words)


@pytest.mark.parametrize(
    "words", ["", "MemoryError", "std::bad_alloc", "No space left on device", "It broke."]
)
def test_other_words_are_about_something_else(words: str) -> None:
    assert not process_limits.mentions_limit(words)


@pytest.mark.parametrize(
    ("room", "is_limit"), [(None, False), (5_000, False), (3, True), (0, True)]
)
@pytest.mark.parametrize("words", THREADS)
def test_below_a_limit_of_memory_a_thread_may_be_refused_for_that(
    monkeypatch: pytest.MonkeyPatch, words: str, room: int | None, is_limit: bool
) -> None:
    monkeypatch.setattr("engine.host.out_of_memory.address_space", lambda: 2**30)
    monkeypatch.setattr("engine.host.process_limits.room", lambda: room)
    assert process_limits.mentions_limit(words) == is_limit
    # A process has no stack to be found room for.
    assert process_limits.mentions_limit(PROCESSES[0])


@pytest.mark.parametrize(
    ("limits", "words"),
    [
        ({}, ""),
        ({"ulimit -u": 8}, " A user may have 8 processes and threads here: `ulimit -u`."),
        (
            {"ulimit -u": 4_096, "pids.max": 64},
            " The control group may have 64 processes and threads here: pids.max.",
        ),
    ],
)
def test_the_smallest_limit_is_named(
    monkeypatch: pytest.MonkeyPatch, limits: dict[str, int], words: str
) -> None:
    monkeypatch.setattr("engine.host.process_limits.limits", lambda: limits)
    assert process_limits.remedy() == f"End other processes, or have the limit raised.{words}"


def test_a_control_group_s_limit_is_found(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("engine.host.process_limits.group_limits", lambda *_names: [40, 100])
    assert process_limits.limits()["pids.max"] == 40


def test_root_is_bound_by_no_limit_of_a_user_whatever_it_was_deprived_of(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("resource.getrlimit", lambda _kind: (8, 8))
    monkeypatch.setattr("engine.host.process_limits.group_limits", lambda *_names: [])
    monkeypatch.setattr(
        "pathlib.Path.read_text", lambda *_arguments, **_more: "CapEff:\t0000000000000000\n"
    )
    monkeypatch.setattr("os.getuid", lambda: 0)
    assert process_limits.limits() == {}
    monkeypatch.setattr("os.getuid", lambda: 1_000)
    assert process_limits.limits() == {"ulimit -u": 8}
