"""What a trial takes of memory at least: less than was measured, more with every parameter; refused
or warned of.
"""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.errors import UsageError
from engine.operations.memory_needs import check_memory, least_memory
from engine.trials.trial import ForecastParameters, Parameters, TextParameters
from engine.trials.variant import Variant

GIB = 2**30
MEASURED = [
    # Window, units, batch, distinct characters, threads; MiB at the peak, by
    # tests/benchmarks/peak_memory.py.
    (1, 1, 1, 2, 2, 713),
    (10, 128, 128, 55, 2, 821),
    (64, 128, 128, 55, 2, 1_076),
    (65, 128, 128, 55, 2, 847),
    (200, 128, 128, 55, 2, 882),
    (64, 512, 128, 55, 2, 1_247),
    (64, 512, 128, 55, 1, 1_066),
    (200, 512, 128, 55, 2, 1_567),
    (200, 512, 128, 55, 1, 1_143),
    (500, 256, 256, 55, 2, 1_502),
    (500, 256, 256, 55, 1, 1_274),
    (200, 512, 1_024, 55, 2, 2_339),
    (200, 512, 1_024, 55, 1, 2_018),
    (400, 1_024, 256, 55, 2, 6_751),
    (400, 1_024, 256, 55, 1, 3_456),
    (64, 2_048, 128, 55, 2, 3_674),
    (64, 2_048, 128, 55, 1, 2_387),
    (64, 1_024, 2_048, 55, 1, 2_364),
    (10, 1_024, 1_024, 2_000, 1, 1_127),
]
MEASURED_FORECASTS = [(1, 1, 1, 757), (10, 3, 16, 811), (100, 512, 64, 944), (500, 1_024, 4, 2_961)]


def text(seqlen: int, units: int, batch: int) -> TextParameters:
    return TextParameters(
        iterations=1,
        epochs_per_iteration=1,
        predictions=1,
        seqlen=seqlen,
        hidden_units=units,
        batch_size=batch,
    )


def forecast(steps: int, units: int, batch: int) -> ForecastParameters:
    return ForecastParameters(
        epochs=1,
        batch_size=batch,
        time_steps=steps,
        activation=("tanh", "tanh"),
        hidden_units=units,
        dense_units=1,
    )


@pytest.mark.parametrize(("seqlen", "units", "batch", "distinct", "threads", "mib"), MEASURED)
def test_a_text_takes_more_but_not_three_times_as_much(
    seqlen: int, units: int, batch: int, distinct: int, threads: int, mib: int
) -> None:
    length = max(distinct, seqlen + 2 * batch)
    least = least_memory(text(seqlen, units, batch), length, distinct, Variant.for_threads(threads))
    assert least < mib * 2**20 < 3 * least


@pytest.mark.parametrize(("steps", "units", "batch", "mib"), MEASURED_FORECASTS)
def test_a_forecast_takes_more_but_not_three_times_as_much(
    steps: int, units: int, batch: int, mib: int
) -> None:
    least = least_memory(forecast(steps, units, batch), 10 * steps * (batch + 1))
    assert least < mib * 2**20 < 3 * least


TEXTS = st.builds(text, st.integers(1, 999), st.integers(1, 2_047), st.integers(1, 99_999))
FORECASTS = st.builds(forecast, st.integers(1, 999), st.integers(1, 1_023), st.integers(1, 99_999))


@given(
    TEXTS | FORECASTS,
    st.integers(10_000, 10_000_000),
    st.integers(2, 5_000),
    st.sampled_from(Variant),
)
def test_more_of_anything_takes_no_less(
    parameters: Parameters, length: int, distinct: int, variant: Variant
) -> None:
    least = least_memory(parameters, length, distinct, variant)
    assert least_memory(parameters, length + 1, distinct, variant) >= least
    assert least_memory(parameters, length, distinct + 1, variant) >= least
    assert least_memory(parameters, length, distinct, Variant.TWO_THREADS) >= least
    for name in ("hidden_units", "batch_size"):
        more = parameters.model_copy(update={name: getattr(parameters, name) + 1})
        assert least_memory(more, length, distinct, variant) >= least


@given(TEXTS, st.integers(2, 5_000), st.sampled_from(Variant))
def test_a_longer_window_takes_no_less(
    parameters: TextParameters, distinct: int, variant: Variant
) -> None:
    # Of a text that has a batch of either.
    longer = parameters.model_copy(update={"seqlen": parameters.seqlen + 1})
    least = least_memory(parameters, 200_000, distinct, variant)
    assert least_memory(longer, 200_000, distinct, variant) >= least


@pytest.fixture
def host(monkeypatch: pytest.MonkeyPatch) -> pytest.MonkeyPatch:
    """A host of 24 GiB, 20 of them free, with two processors."""
    for name, value in {
        "total_memory": 24 * GIB,
        "available_memory": 20 * GIB,
        "address_space": None,
    }.items():
        monkeypatch.setattr(f"engine.operations.memory_needs.{name}", lambda value=value: value)
    monkeypatch.setattr("engine.operations.memory_needs.cores", lambda: 2)
    return monkeypatch


def said_of(parameters: Parameters, length: int = 150_000, distinct: int = 45) -> list[str]:
    warnings: list[str] = []
    check_memory(parameters, length, distinct, warnings.append)
    return warnings


def test_what_the_host_can_not_hold_is_refused(host: pytest.MonkeyPatch) -> None:
    host.setattr("engine.operations.memory_needs.total_memory", lambda: 16 * GIB)
    with pytest.raises(UsageError) as refused:
        said_of(text(1_000, 2_048, 128))
    assert refused.value.what == "This trial takes over 18.1 GiB of memory, and this host has 16.0."
    assert refused.value.remedy == "Try a smaller hidden_units or seqlen."
    # The advice, followed.
    host.setattr("engine.operations.memory_needs.available_memory", lambda: 16 * GIB)
    assert said_of(text(1_000, 1_024, 128)) == said_of(text(200, 2_048, 128)) == []


def test_what_a_limit_of_the_process_can_not_hold_is_refused(host: pytest.MonkeyPatch) -> None:
    host.setattr("engine.operations.memory_needs.address_space", lambda: 5 * GIB)
    with pytest.raises(UsageError, match=r"and a process may have 5\.0 here \(`ulimit -v`\)"):
        said_of(text(300, 2_048, 128))
    host.setattr("engine.operations.memory_needs.address_space", lambda: 50 * GIB)
    assert said_of(text(200, 2_048, 128)) == []


def test_what_only_one_thread_can_hold_is_warned_of(host: pytest.MonkeyPatch) -> None:
    (said,) = said_of(text(1_000, 2_048, 128))
    assert said == (
        "This trial may take over 33.7 GiB of memory, and 20.0 are free now: it could fail. "
        "Try a smaller hidden_units or seqlen."
    )
    host.setattr("engine.operations.memory_needs.cores", lambda: 1)
    assert said_of(text(1_000, 2_048, 128)) == []


def test_what_is_not_free_now_is_warned_of(host: pytest.MonkeyPatch) -> None:
    assert said_of(forecast(500, 1_024, 4), length=10_000) == []
    host.setattr("engine.operations.memory_needs.available_memory", lambda: GIB)
    (said,) = said_of(forecast(500, 1_024, 4), length=10_000)
    assert said == (
        "This trial may take over 2.5 GiB of memory, and 1.0 are free now: it could fail. "
        "Try a smaller hidden_units or time_steps."
    )


def test_the_advice_names_what_would_help(host: pytest.MonkeyPatch) -> None:
    host.setattr("engine.operations.memory_needs.total_memory", lambda: 8 * GIB)
    with pytest.raises(UsageError) as refused:
        said_of(text(64, 512, 100_000), 1_000_000)
    assert refused.value.remedy == "Try a smaller hidden_units or seqlen or batch_size."
    with pytest.raises(UsageError) as refused:
        said_of(text(1_000, 128, 2_000), 1_000_000, 3_000)
    assert (
        refused.value.remedy
        == "Try a smaller seqlen or batch_size. A text with fewer distinct characters needs less."
    )
    # There is nothing that could be smaller.
    host.setattr("engine.operations.memory_needs.total_memory", lambda: GIB // 4)
    with pytest.raises(UsageError) as refused:
        said_of(text(1, 1, 1), 100, 2)
    assert refused.value.remedy == "Use a host with more memory."
