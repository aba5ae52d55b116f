"""Advice in a form names fields, whatever options of the command it was written for."""

import re
from dataclasses import replace
from typing import get_args

import pytest
from helpers.factory import preset
from hypothesis import given
from hypothesis import strategies as st

from engine.data.catalog import ALICE, CATALOG, Kind, MissingData
from engine.errors import LabError, UsageError
from engine.host.home import Home
from engine.trials.data_options import SeriesReading, TextPreparation, option_choices
from tui.screens.data_field import DataField, Problem, advice_in_form
from tui.screens.form import FormScreen
from tui.screens.form_advice import unquoted

KINDS: tuple[Kind, ...] = get_args(Kind)


@pytest.fixture(scope="module")
def fields(tmp_path_factory: pytest.TempPathFactory) -> dict[str, DataField]:
    home = Home(tmp_path_factory.mktemp("home"))
    return {kind: DataField(kind, home) for kind in KINDS}


@pytest.mark.parametrize(
    ("kind", "said", "here"),
    [
        ("series", "Or have steps counted: --steps count", "Or have steps counted: steps = count"),
        ("series", "say --decimal , or --thousands ,", "say decimal = , or thousands = ,"),
        ("series", "--decimal , if spaces, --decimal . if commas",
        "decimal = , if spaces, decimal = . if commas"),
        ("series", "say --thousands ' '.", "say thousands = ' '."),
        ("series", "take one, or say --decimal and --thousands.",
        "take one, or say decimal and thousands."),
        ("series", "take --gaps linear: a straight line", "take gaps = linear: a straight line"),
        ("series", "5 times: missing? --missing -9999", "5 times: missing? missing = -9999"),
        ("series", "or a missing value: --missing=-9999.", "or a missing value: missing = -9999."),
        ("series", "leave out --steps count.", "leave out steps = count."),
        (
            "series",
            "by number or heading: --series …:3 (`data add`: --column 3).",
            "by number or heading: :3 at the end of the field series.",
        ),
        ("series", "give one with --series FILE, or", "give one with series = FILE, or"),
        ("series", "`rnnlab-tui data add r F --steps count` does",
        "`rnnlab-tui data add r F --steps count` does"),
        ("series", "say --letters all", "say --letters all"),
        ("series", "Choose another home with --home DIR.", "Choose another home with --home DIR."),
        ("series", "jupyter nbconvert --to script FILE", "jupyter nbconvert --to script FILE"),
        ("corpus", "--letters all keeps them", "letters = all keeps them"),
        ("corpus", "--licence drop does; say --lines keep.",
        "licence = drop does; say lines = keep."),
        ("corpus", "or try --corpus python-docs.", "or try corpus = python-docs."),
        ("corpus", "Run the trial with --device cpu.", "Run the trial with device = cpu."),
    ],
)  # fmt: skip
def test_options_become_fields(
    fields: dict[str, DataField], kind: str, said: str, here: str
) -> None:
    assert advice_in_form(fields[kind], said) == here


_VALUES = {
    "corpus": {
        name: option_choices(TextPreparation, name) for name in TextPreparation.model_fields
    },
    "series": {
        name: option_choices(SeriesReading, name) or ("-9999", "99.9", "1e30")
        for name in SeriesReading.model_fields
    },
}
_WORDS = st.lists(
    st.sampled_from(["say", "or", "and", "count", "if", "a-b", "…", "–", "x."]), max_size=3
).map(" ".join)
_ENDS = st.sampled_from(["", ".", ":", ";", ")", "?"])


@given(st.data())
def test_every_option_with_every_value_in_any_sentence(
    fields: dict[str, DataField], data: st.DataObject
) -> None:
    kind = data.draw(st.sampled_from(sorted(_VALUES)))
    said, wanted = [], []
    for _option in range(data.draw(st.integers(1, 3))):
        name = data.draw(st.sampled_from(sorted(_VALUES[kind])))
        value = data.draw(st.sampled_from(_VALUES[kind][name]))
        shown = repr(value) if value.isspace() else value
        between, words = data.draw(st.sampled_from([" ", "="])), data.draw(_WORDS)
        end = data.draw(_ENDS) if value.isalnum() else ""
        said.append(f"{words} --{name}{between}{shown}{end}")
        wanted.append(f"{words} {name} = {shown}{end}")
        assert fields[kind].option_problem(name, unquoted(shown)) is None
    assert advice_in_form(fields[kind], " ".join(said)) == " ".join(wanted)


@given(st.text())
def test_other_sentences_stay_as_they_are(fields: dict[str, DataField], sentence: str) -> None:
    plain = sentence.replace("--", "").replace("(`", "")
    assert advice_in_form(fields["series"], plain) == plain


def test_what_known_data_say_names_fields_too(fields: dict[str, DataField]) -> None:
    for known in CATALOG.values():
        here = advice_in_form(fields[known.kind], known.remedy)
        assert re.findall("--[a-z]+", here) == []
        assert f"`rnnlab-tui data add {known.name} FILE`" in here


def test_a_refused_option_tells_which_field_its_sentence_names(
    fields: dict[str, DataField],
) -> None:
    problem = fields["series"].option_problem("gaps", "x")
    assert problem == Problem("gaps = x: must be refuse, linear.", names="gaps")
    assert Problem.of(UsageError("gaps = x: said by a file.")).names == ""


@pytest.mark.parametrize("name", sorted(CATALOG))
def test_what_is_missing_is_told_by_the_error_whatever_its_sentence(home: Home, name: str) -> None:
    dataset = CATALOG[name]
    form = FormScreen(preset("alice/1" if name == ALICE else "sunspots/5"), home)
    field = "corpus" if name == ALICE else "series"
    spanish = replace(dataset, absent="No hay\ttal texto.", remedy="Añada\tuno.")
    advice = form._advice_here(MissingData(spanish)).remedy
    assert advice.startswith(f"Give a file in the field {field}, or ")
    # Another error with the very same advice is not about what is known.
    assert form._advice_here(LabError("x", dataset.remedy)).remedy != advice
