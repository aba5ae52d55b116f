"""Which format a file's name asks for: the known ones, Markdown without a suffix, and no other is
taken for one.
"""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.errors import UsageError
from engine.reports.formats import FORMATS, MARKDOWN, format_of

KNOWN = {
    "md": "md", "markdown": "md", "txt": "md", "csv": "csv", "json": "json", "jsonl": "json",
    "ndjson": "json",
    "tex": "latex", "latex": "latex",
}  # fmt: skip
STEMS = st.from_regex(r"[a-z0-9_ é-]{1,9}(\.[a-z0-9]{1,4}){0,2}", fullmatch=True)


@pytest.mark.parametrize("name", ["a", ".tex", "tex", "", "run-0.5", "2026.03.01", "a."])
def test_a_name_without_a_suffix_is_markdown(name: str) -> None:
    assert format_of(name) == MARKDOWN


@given(STEMS, st.sampled_from(sorted(KNOWN)), st.sampled_from([str.lower, str.upper, str.title]))
def test_a_known_suffix_is_its_format_in_capitals_or_not(
    stem: str, suffix: str, spelled: object
) -> None:
    assert callable(spelled)
    assert format_of(f"/tmp/{stem}.{spelled(suffix)}") == FORMATS[KNOWN[suffix]]


@given(
    STEMS,
    st.sampled_from(["html", "gz", "xlsx", "pdf", "7z", "bak"])
    | st.from_regex(r"[a-z][a-z0-9]{0,7}", fullmatch=True),
)
def test_no_other_suffix_is_taken_for_a_format(stem: str, suffix: str) -> None:
    if suffix in KNOWN:
        return
    with pytest.raises(
        UsageError, match=rf"runs can't be written as \.{suffix}\. Let the name end in \.md, \.csv"
    ):
        format_of(f"{stem}.{suffix}")
