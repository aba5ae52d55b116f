"""The table of keys: whole, without contradictions, and what the README says of it is what it says."""

from collections import Counter

from support import ROOT

from tui.keys import HEADINGS, KEYS, as_markdown, bindings


def test_the_readme_has_the_table_as_it_is() -> None:
    readme = (ROOT / "README.md").read_text(encoding="utf-8")
    begin = readme.index("<!-- keys:")
    section = readme[readme.index("-->", begin) + 3 : readme.index("<!-- end of keys -->")]
    assert section.strip("\n") == as_markdown().strip("\n")


def test_every_key_stands_in_the_table_once_under_its_heading() -> None:
    rows = as_markdown().split("\n")
    for key in KEYS:
        row = f"| `{key.spelling}` | {key.meaning} |"
        assert row in rows, row
    assert sum(row.startswith("| `") for row in rows) == len(KEYS)
    headings = [row.strip("*") for row in rows if row.startswith("**")]
    assert headings == list(HEADINGS.values())


def test_no_key_means_two_things_at_one_place() -> None:
    for scope in HEADINGS:
        names = Counter(
            name for key in KEYS if key.scope in (scope, "everywhere") for name in key.key.replace(" ", "").split(",")
        )
        assert [name for name, times in names.items() if times > 1] == []


def test_no_cell_breaks_the_markdown_table() -> None:
    for key in KEYS:
        assert "|" not in key.meaning
        assert "`" not in key.spelling
        assert "\n" not in key.meaning


def test_meanings_are_sentences_and_labels_are_short() -> None:
    for key in KEYS:
        assert key.meaning[0].isupper()
        assert key.meaning.endswith(".")
        assert not key.footer or 0 < len(key.label) <= 12


def test_letters_and_digits_are_no_keys_of_screens_with_fields() -> None:
    for key in KEYS:
        if key.scope in ("form", "export"):
            assert [name for name in key.key.split(",") if len(name) == 1 or name == "space"] == []


def test_bindings_follow_the_table() -> None:
    bound = [binding for binding in bindings("run", "everywhere") if not isinstance(binding, tuple)]
    wanted = [key for key in KEYS if key.scope in ("run", "everywhere") and key.action != "noop"]
    assert [(binding.key, binding.action, binding.show) for binding in bound] == [
        (key.key, key.action, key.footer) for key in wanted
    ]
    assert [binding.key_display for binding in bound] == [key.spelling for key in wanted]


def test_a_scope_that_is_not_asked_for_is_left_out() -> None:
    assert all(
        not isinstance(binding, tuple) and (binding.id or "").startswith("home.") for binding in bindings("home")
    )
