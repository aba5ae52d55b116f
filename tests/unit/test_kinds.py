"""Every kind of trial has an entry in both tables, and what it names is there and fits."""

from typing import get_args

import pytest

from engine.data.kinds import KindData, data_of
from engine.reports.kinds import KindReports, reports_of
from engine.trials import kinds
from engine.trials.kinds import load
from engine.trials.trial import TRIALS, parameters_model
from presets import Kind
from presets import load as load_presets
from tui import kinds as tui_kinds
from tui.panes.panes import Pane
from tui.screens.data_field import CorpusField, SeriesField
from tui.words.kinds import KindWords, words_of

NAMES: tuple[Kind, ...] = get_args(Kind)


def test_the_tables_have_an_entry_for_each_kind_and_no_other() -> None:
    for table in (kinds.KINDS, tui_kinds.KINDS, TRIALS):
        assert tuple(table) == NAMES
    assert {preset.kind for preset in load_presets()} == set(NAMES)


@pytest.mark.parametrize("kind", NAMES)
def test_what_an_entry_names_is_there_and_fits(kind: Kind) -> None:
    assert isinstance(data_of(kind), KindData)
    assert isinstance(reports_of(kind), KindReports)
    assert isinstance(words_of(kind), KindWords)
    entry = tui_kinds.KINDS[kind]
    assert issubclass(load(entry.main_pane), Pane)
    assert load(entry.data_field) in (CorpusField, SeriesField)
    assert load(entry.data_field).name == TRIALS[kind].data_option


@pytest.mark.parametrize("kind", NAMES)
def test_the_facts_of_a_kind_are_those_of_its_models(kind: Kind) -> None:
    model = parameters_model(kind)
    assert model.kind == kind == TRIALS[kind].model_fields["kind"].default
    assert {model.length_parameter, model.window_parameter} <= set(model.model_fields)
    preset = next(preset for preset in load_presets() if preset.kind == kind)
    assert preset.published.kind == kind
