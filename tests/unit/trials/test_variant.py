"""The variants by the number of threads that a run may use, and the environment of each."""

import os

import pytest

from engine.trials.variant import Variant


def test_one_thread_or_two_whatever_the_machine() -> None:
    chosen = [Variant.for_threads(threads) for threads in (1, 2, 64)]
    assert chosen == [Variant.ONE_THREAD, Variant.TWO_THREADS, Variant.TWO_THREADS]
    assert (
        [variant.threads for variant in chosen]
        == [variant.parts for variant in chosen]
        == [1, 2, 2]
    )
    with pytest.raises(ValueError, match="threads = 0"):
        Variant.for_threads(0)


def test_records_keep_a_word() -> None:
    assert [Variant(variant.value) for variant in Variant] == list(Variant)
    assert f"{Variant.ONE_THREAD}" == "one-thread"


@pytest.mark.parametrize("variant", Variant)
def test_entering_sets_the_threads(monkeypatch: pytest.MonkeyPatch, variant: Variant) -> None:
    monkeypatch.setattr(os, "environ", {"PATH": "/bin"})
    variant.enter()
    assert os.environ["PATH"] == "/bin"
    assert (
        os.environ["TF_NUM_INTRAOP_THREADS"]
        == os.environ["TF_NUM_INTEROP_THREADS"]
        == str(variant.threads)
    )
    assert ("XLA_FLAGS" in os.environ) == (variant is Variant.ONE_THREAD)
