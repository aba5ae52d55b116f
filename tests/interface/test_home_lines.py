"""What stands in a run's line and under it: what differs, why it failed, its note; and the counts in the head."""

import socket

import pytest
from command_line import call
from interface.support_interface import (
    DIVERGED,
    NARROW,
    SMALLEST,
    WIDE,
    laboratory,
    line_with,
    lines,
    looked_again,
    open_run,
    seen,
    shows,
)
from support import alice_trial, sunspots_trial, write_run

from engine.events import Cancelled, Failed
from engine.home import Home

MEMORY = Failed(what="Out of memory.", remedy="Try a smaller batch_size or fewer hidden_units.")
LONG = Failed(
    what="The disk of the machine is full.", remedy="Make room on it, and then have the run go on from there."
)


def below(found: list[str], words: str) -> str:
    """Return the line below the first one that has these words."""
    return found[next(index for index, line in enumerate(found) if words in line) + 1]


class TestReasons:
    async def test_stand_under_the_runs_and_are_counted(self, home: Home) -> None:
        write_run(home, sunspots_trial(1), end=DIVERGED, epochs=2)
        write_run(home, sunspots_trial(2), end=MEMORY, epochs=2)
        write_run(home, sunspots_trial(3), end=None, epochs=2)
        write_run(home, sunspots_trial(4), end=Cancelled(), epochs=2)
        write_run(home, sunspots_trial(5))
        async with laboratory(home) as lab:
            found = lines(lab)
            assert below(found, "✗ diverged") == (
                "     Training diverged: the loss of epoch 3 is nan. Try tanh instead."
            )
            assert below(found, "✗ failed") == f"     {MEMORY.what} {MEMORY.remedy}"
            assert below(found, "! interrupted").startswith("     The worker of run bbbd-sunspots-3 is gone")
            # Whoever cancels knows why.
            assert "✓ done" in below(found, "⊘ cancelled")
            assert "3 failed" in found[0]

    async def test_advice_is_whole_or_on_the_run_s_page(self, home: Home) -> None:
        write_run(home, sunspots_trial(1), end=LONG, epochs=2)
        async with laboratory(home) as lab:
            assert below(lines(lab), "✗ failed") == f"     {LONG.what}"
            await open_run(lab)
            await shows(lab, LONG.remedy)
        async with laboratory(home, WIDE) as lab:
            assert below(lines(lab), "✗ failed") == f"     {LONG.what} {LONG.remedy}"

    async def test_that_a_result_can_t_be_read_is_one(self, home: Home) -> None:
        run = write_run(home, sunspots_trial(1))
        (run.directory / "result.json").write_bytes(b"{")
        async with laboratory(home) as lab:
            assert below(lines(lab), "✓ done") == f"     The result of run {run.id} can't be read."

    async def test_the_head_leaves_room_for_the_counts(self, home: Home, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(socket, "gethostname", lambda: "a-host-with-a-name.of.sixty.characters.example.org")
        write_run(home, sunspots_trial(1), end=MEMORY, epochs=2)
        async with laboratory(home, SMALLEST) as lab:
            assert lines(lab)[0].startswith(" rnnlab  a-host")
            assert lines(lab)[0].endswith("…  0 running  1 failed")


class TestNotes:
    async def test_stand_under_their_runs_and_on_their_pages(self, home: Home) -> None:
        run = write_run(home, sunspots_trial(1), end=MEMORY, epochs=2)
        call(home, "note", run.id, "too large")
        async with laboratory(home) as lab:
            assert below(lines(lab), MEMORY.what) == "     note: too large"
            await open_run(lab)
            await shows(lab, "note: too large")
            # Somebody else changes it, and takes it away.
            call(home, "note", run.id, "for the appendix")
            await shows(lab, "note: for the appendix")
            await lab.press("escape")
            await shows(lab, "     note: for the appendix")
            call(home, "note", run.id, "")
            await looked_again(lab)
            assert "note" not in seen(lab)

    async def test_a_long_one_is_cut_by_the_cells_that_it_takes(self, home: Home) -> None:
        run = write_run(home, sunspots_trial(1))
        run.note_file.write_text("雨" * 60)
        async with laboratory(home) as lab:
            line = below(lines(lab), "✓ done")
            assert line.startswith("     note: 雨雨")
            assert line.endswith("…")


class TestChanges:
    async def test_what_differs_is_told_at_80_columns(self, home: Home) -> None:
        write_run(home, sunspots_trial(5, time_steps=18, hidden_units=6, seed=2))
        write_run(home, sunspots_trial(5, time_steps=18, hidden_units=6, seed=3))
        write_run(home, sunspots_trial(8).model_copy(update={"replicates": 64}), end=Cancelled(), epochs=1)
        async with laboratory(home) as lab:
            assert "t18 h6 s2 " in seen(lab)
            assert "t18 h6 s3 " in seen(lab)
            assert "64 seeds" in line_with(lab, "⊘ cancelled")
            assert ".060 / .079" in line_with(lab, "s2")
        async with laboratory(home, WIDE) as lab:
            assert "time_steps 10 → 18, hidden_units 3 → 6, seed 2" in seen(lab)

    async def test_what_was_published_gives_way_to_what_differs(self, home: Home) -> None:
        write_run(home, sunspots_trial(7, epochs=200, batch_size=4, time_steps=18, hidden_units=6, seed=2))
        write_run(home, alice_trial(1, iterations=3, seed=12))
        async with laboratory(home, NARROW) as lab:
            assert "e200 b4 t18 h6 s2" in seen(lab)
            assert "PUBLISHED" not in seen(lab)
            assert "iterations 25 → 3, seed 12" in seen(lab)
            head = line_with(lab, "CHANGED")
            assert head.index("CHANGED") == line_with(lab, "e200").index("e200")

    async def test_help_tells_the_short_names(self, home: Home) -> None:
        async with laboratory(home, (100, 140)) as lab:
            await lab.press("?")
            await shows(lab, "Short names", "time_steps", "epochs / epochs_per_iteration", "seed 2")
