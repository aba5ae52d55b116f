"""Texts as the application shows them: lines and wide characters that are typed, and what the form
says of a text.
"""

from pathlib import Path

import pytest
from helpers.app import (
    NARROW,
    WIDE,
    Lab,
    comes_to,
    filled,
    laboratory,
    line_with,
    lines,
    no_processes,
    open_run,
    shows,
    the_app,
    until,
)
from helpers.factory import Written, alice_trial, preset, write_run
from interface.test_widgets import Clock, Host, shown

from engine.data.library import TextLibrary
from engine.host.home import Home
from engine.trials.data_options import TextPreparation
from tui.screens.form import FormScreen
from tui.screens.run import RunScreen
from tui.widgets.typewriter import Typewriter

SPANISH = "La señora dijo: ¿qué?\n" * 30
LICENSED = (
    "It was a dark night.\n" * 30
    + "*** END OF THE PROJECT GUTENBERG EBOOK A TALE ***\n"
    + "Terms of use.\n" * 30
)


async def test_lines_are_typed_as_lines() -> None:
    clock = Clock()
    widget = Typewriter(clock=clock)
    async with Host(widget).run_test(size=(24, 9)):
        widget.begin("", "Anselm\nBer")
        widget.type("trand\n")
        clock.now += 9
        widget.tick()
        # The cursor stands where the next character comes.
        assert shown(widget)[:5] == ["┌ seed ─┐", " Anselm⏎", " Bertrand⏎", "└───┘", " ▌"]
        widget.type("Cordelia\n\n  Desmond")
        widget.complete()
        clock.now += 9
        widget.tick()
        assert shown(widget)[2:7] == [" Bertrand⏎", "└───┘", " Cordelia⏎", " ⏎", "   Desmond"]


async def test_a_seed_that_ends_with_its_line_has_the_mark_in_its_frame() -> None:
    widget = Typewriter()
    async with Host(widget).run_test(size=(24, 6)):
        widget.show_text("", "Anselm\n", "Bertrand")
        assert shown(widget)[:3] == ["┌ seed ─┐", " Anselm⏎", " Bertrand"]


async def test_wide_characters_stand_in_their_cells() -> None:
    widget = Typewriter()
    async with Host(widget).run_test(size=(14, 8)):
        widget.show_text("", "日本", "語の本を読む。❤️ cafe\u0301\nñandú 👍🏽")
        assert shown(widget)[1:5] == [" 日本語の本を", " 読む。❤️", " cafe\u0301⏎", " ñandú 👍🏽"]


def right_side(lab: Lab) -> str:
    """Return what stands to the right of the fields, as one line."""
    return " ".join(" ".join(line.partition("│")[2] for line in lines(lab)).split())


async def says(lab: Lab, *sentences: str) -> None:
    """Wait until the sentences stand to the right of the fields."""
    await until(lab, lambda: all(sentence in right_side(lab) for sentence in sentences))


async def form(lab: Lab) -> None:
    await lab.app.push_screen(FormScreen(preset("alice/1"), the_app(lab).home))
    await comes_to(lab, FormScreen)


async def test_the_form_says_what_becomes_of_a_text(
    home: Home, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "spanish.txt"
    path.write_text(SPANISH, "utf-8")
    with no_processes(monkeypatch) as launched:
        async with laboratory(home, NARROW) as lab:
            await form(lab)
            await filled(lab, "corpus", str(path))
            await says(
                lab,
                f"{len(SPANISH) - 1} characters, 17 distinct; 0 left out",
                "letters all, case lower",
            )
            await filled(lab, "letters", "ascii")
            await says(
                lab,
                "90 characters of 3 kinds left out: ñ (30), ¿ (30), é (30). letters = all keeps "
                "them.",
            )
            await filled(lab, "letters", "latin")
            await shows(lab, "letters = latin: must be ascii, all.")
            await filled(lab, "letters", "auto")
            await filled(lab, "lines", "keep")
            await says(lab, "18 distinct; 0 left out", "letters all, case lower, lines keep")
            await lab.press("f5")
            await comes_to(lab, RunScreen)
            trial = launched.trial
    assert trial.data.preparation == TextPreparation(letters="all", lines="keep")
    assert TextLibrary(home).open(trial.data).text == SPANISH.lower().strip()


async def test_the_form_offers_to_leave_a_licence_out(home: Home, tmp_path: Path) -> None:
    path = tmp_path / "tale.txt"
    path.write_text(LICENSED, "utf-8")
    async with laboratory(home, NARROW) as lab:
        await form(lab)
        await filled(lab, "corpus", str(path))
        await says(lab, "are the library's licence: licence = drop leaves it out.")
        await filled(lab, "licence", "drop")
        await says(lab, "The library's licence is left out,")


async def test_an_archive_is_named_in_the_form(home: Home, tmp_path: Path) -> None:
    path = tmp_path / "text.txt"
    path.write_bytes(b"\x1f\x8b\x08\x00\x00\x00")
    async with laboratory(home, WIDE) as lab:
        await form(lab)
        await filled(lab, "corpus", str(path))
        await shows(lab, "text.txt is a gzip archive, not a text. Unpack it: gunzip < FILE > NEW")


async def test_a_text_keeps_as_it_was_added(home: Home, tmp_path: Path) -> None:
    path = tmp_path / "spanish.txt"
    path.write_text(SPANISH, "utf-8")
    TextLibrary(home).add("dijo", path, options={"lines": "keep"})
    async with laboratory(home, WIDE) as lab:
        await form(lab)
        await filled(lab, "corpus", "dijo")
        await shows(lab, "letters all, case lower, lines keep")
        await filled(lab, "lines", "join")
        await shows(lab, "letters all, case lower, lines join")


async def test_a_run_shows_its_lines_and_what_was_left_out(home: Home, tmp_path: Path) -> None:
    path = tmp_path / "spanish.txt"
    path.write_text(SPANISH, "utf-8")
    corpus = TextLibrary(home).resolve(str(path), options={"letters": "ascii", "lines": "keep"})
    texts = [Written("la seora\nd", "ijo: \x1b[2J\u202equ?\nla seora")]
    write_run(home, alice_trial(1, iterations=1, data=corpus.reference), texts=texts)
    async with laboratory(home, NARROW) as lab:
        await open_run(lab)
        await lab.press("2")
        await shows(lab, "dijo: [2Jqu?⏎")
        assert line_with(lab, "la seora⏎").strip() == "la seora⏎"
        await lab.press("4")
        await shows(lab, "letters ascii, case lower, lines keep, licence keep")
        await shows(
            lab, "! spanish.txt: 90 characters of 3 kinds left out: ñ (30), ¿ (30), é (30)."
        )
        assert not any("\x1b" in line or "\u202e" in line for line in lines(lab))
