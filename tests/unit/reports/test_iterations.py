"""Which iterations of a text run a table shows."""

import pytest
from helpers.factory import preset
from hypothesis import given
from hypothesis import strategies as st

from engine.errors import UsageError
from engine.reports.iterations import Iterations
from engine.runs.results import IterationMetrics


def complete(count: int) -> list[IterationMetrics]:
    return [
        IterationMetrics(iteration=n, loss=1.0, losses=(1.0,), seed_text="a", generated="b")
        for n in range(1, count + 1)
    ]


def shown(text: str, count: int) -> list[int]:
    return [
        done.iteration for done in Iterations.parse(text).select(complete(count), preset("alice/1"))
    ]


@pytest.mark.parametrize(
    ("text", "count", "numbers"),
    [
        ("all", 3, [1, 2, 3]),
        (" ALL ", 3, [1, 2, 3]),
        ("last", 3, [3]),
        ("last", 0, []),
        ("published", 25, [1, 13, 25]),
        ("published", 13, [1, 13]),
        ("2", 3, [2]),
    ],
)
def test_a_choice(text: str, count: int, numbers: list[int]) -> None:
    assert shown(text, count) == numbers


def test_of_a_preset_that_is_unknown_nothing_was_published_and_all_is_shown() -> None:
    assert len(Iterations.parse("published").select(complete(4), None)) == 4


@given(
    st.lists(st.integers(1, 30), min_size=1),
    st.integers(0, 20),
    st.sampled_from([",", ", ", " , "]),
)
def test_numbers_are_shown_once_in_their_order_and_none_is_dropped_unsaid(
    numbers: list[int], count: int, comma: str
) -> None:
    text = comma.join(map(str, numbers))
    assert shown(text, count) == sorted({number for number in numbers if number <= count})
    missing = Iterations.parse(text).missing(complete(count))
    assert sorted({*shown(text, count), *missing}) == sorted(set(numbers))


@pytest.mark.parametrize(
    "text", ["", " ", ",", "1,", "0", "-1", "1.5", "1;2", "10001", "9" * 5000, "²", "first", "1 2"]
)
def test_what_is_no_choice_is_refused_with_what_would_be_one(text: str) -> None:
    with pytest.raises(
        UsageError, match="must be all, published, last, or numbers from 1 to 10000"
    ) as refused:
        Iterations.parse(text)
    assert len(str(refused.value)) < 250


@pytest.mark.parametrize(
    ("text", "counts", "words"),
    [
        (
            "99",
            [2],
            "iterations = 99: 2 iterations are complete. Choose numbers from 1 to 2, last or all.",
        ),
        ("1,99", [1], "iterations = 1,99: 1 iteration is complete."),
        (
            "4",
            [2, 3],
            "iterations = 4: no run has more than 3 complete. Choose numbers from 1 to 3, last or "
            "all.",
        ),
        ("1", [0], "iterations = 1: no iteration is complete yet. Choose all until then."),
        ("published", [0, 24], None),
        ("last", [0], None),
    ],
)
def test_what_no_run_has_is_refused_with_how_many_there_are(
    text: str, counts: list[int], words: str | None
) -> None:
    if words is None:
        Iterations.parse(text).check(counts)
        return
    with pytest.raises(UsageError) as refused:
        Iterations.parse(text).check(counts)
    assert str(refused.value).startswith(words)


@given(st.lists(st.integers(1, 30), min_size=1), st.lists(st.integers(0, 20), min_size=1))
def test_a_choice_of_numbers_that_passes_shows_each_of_them_of_some_run(
    numbers: list[int], counts: list[int]
) -> None:
    choice = Iterations.parse(",".join(map(str, numbers)))
    try:
        choice.check(counts)
    except UsageError:
        assert max(numbers) > max(counts)
    else:
        shown = [choice.select(complete(count), preset("alice/1")) for count in counts]
        assert {done.iteration for rows in shown for done in rows} == set(numbers)
