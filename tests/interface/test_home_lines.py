"""What stands in a run's line and under it: what differs, why it failed, its note; and the counts
in the head.
"""

import socket
from datetime import timedelta

import pytest
from helpers.app import (
    DIVERGED,
    NARROW,
    SMALLEST,
    WIDE,
    flowing,
    laboratory,
    line_with,
    lines,
    looked_again,
    open_run,
    seen,
    shows,
)
from helpers.command_line import call
from helpers.factory import SUBMITTED, alice_trial, sunspots_trial, write_run

from engine.host.home import Home
from engine.runs.events import Cancelled, Failed
from tui.widgets.runlist import RunList

MEMORY = Failed(what="Out of memory.", remedy="Try a smaller batch_size or fewer hidden_units.")
LONG = Failed(
    what="The disk of the machine is full.",
    remedy="Make room on it, and then have the run go on from there.",
)
LONGER = Failed(
    what="The file /a/folder/on/a/disk/of/the/department/with/a/long/name/file.csv can't be read. "
    * 5,
    remedy="Have it given back by whoever took it, or choose another one; " * 5 + "then press r.",
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
            assert below(found, "! interrupted").startswith(
                "     The worker of run bbbd-sunspots-3 disappeared"
            )
            # Whoever cancels knows why.
            assert "✓ done" in below(found, "⊘ cancelled")
            assert "3 failed" in found[0]

    @pytest.mark.parametrize("size", [NARROW, SMALLEST], ids=["80x24", "60x15"])
    @pytest.mark.parametrize("reason", [LONG, LONGER], ids=["long", "longer"])
    async def test_are_wrapped_with_what_to_do_whole(
        self, home: Home, size: tuple[int, int], reason: Failed
    ) -> None:
        write_run(home, sunspots_trial(2))
        run = write_run(
            home,
            sunspots_trial(1),
            end=reason,
            epochs=2,
            submitted=SUBMITTED + timedelta(minutes=1),
        )
        async with laboratory(home, size) as lab:
            await shows(lab, reason.remedy)
            assert below(lines(lab), "✗ failed").startswith(f"     {reason.what[:10]}")
            assert "✓ done" in flowing(lab).partition(reason.remedy)[2]
            await lab.press("down")
            current = lab.app.screen.query_one(RunList).current
            assert current is not None
            assert current.run.id != run.id
        async with laboratory(home, WIDE) as lab:
            await shows(lab, reason.remedy)

    async def test_of_a_worker_that_is_gone_name_the_command_that_helps(self, home: Home) -> None:
        run = write_run(home, sunspots_trial(3), end=None, epochs=2)
        async with laboratory(home) as lab:
            await shows(lab, f"`rnnlab-tui resume {run.id}` continues it.")

    async def test_have_letters_of_two_cells(self, home: Home) -> None:
        write_run(
            home, sunspots_trial(1), end=Failed(what="雨" * 100 + ".", remedy="Try 雨."), epochs=2
        )
        async with laboratory(home) as lab:
            assert seen(lab).count("雨") == 101
            assert "Try 雨." in seen(lab)

    async def test_that_a_result_can_t_be_read_is_one(self, home: Home) -> None:
        run = write_run(home, sunspots_trial(1))
        (run.directory / "result.json").write_bytes(b"{")
        async with laboratory(home) as lab:
            assert below(lines(lab), "✓ done") == f"     The result of run {run.id} can't be read."

    async def test_the_head_leaves_room_for_the_counts(
        self, home: Home, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(
            socket, "gethostname", lambda: "a-host-with-a-name.of.sixty.characters.example.org"
        )
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
        write_run(
            home, sunspots_trial(8).model_copy(update={"replicates": 64}), end=Cancelled(), epochs=1
        )
        async with laboratory(home) as lab:
            assert "t18 h6 s2 " in seen(lab)
            assert "t18 h6 s3 " in seen(lab)
            assert "64 seeds" in line_with(lab, "⊘ cancelled")
            assert ".060 / .079" in line_with(lab, "s2")
        async with laboratory(home, WIDE) as lab:
            assert "time_steps 10 → 18, hidden_units 3 → 6, seed 2" in seen(lab)

    async def test_what_was_published_gives_way_to_what_differs(self, home: Home) -> None:
        write_run(
            home, sunspots_trial(7, epochs=200, batch_size=4, time_steps=18, hidden_units=6, seed=2)
        )
        write_run(home, alice_trial(1, iterations=3, seed=12))
        async with laboratory(home, NARROW) as lab:
            assert "e200 b4 t18 h6 s2" in seen(lab)
            assert "PUBLISHED" not in seen(lab)
            assert "iterations 25 → 3, seed 12" in seen(lab)
            head = line_with(lab, "CHANGED")
            assert head.index("CHANGED") == line_with(lab, "e200").index("e200")

    async def test_what_has_no_room_stands_below_and_the_seed_stays(self, home: Home) -> None:
        trial = sunspots_trial(
            5, epochs=99, batch_size=7, time_steps=18, activation="tanh & relu", hidden_units=6
        )
        write_run(home, trial.model_copy(update={"seed": 4294967295}))
        async with laboratory(home) as lab:
            assert "e99 b7 t18 … s4294967295" in line_with(lab, "✓ done")
            assert below(lines(lab), "✓ done") == "     e99 b7 t18 tanh&relu h6 s4294967295"
        async with laboratory(home, (100, 24)) as lab:
            assert "e99 b7 t18 tanh&relu h6 s4294967295" in line_with(lab, "✓ done")
            assert not below(lines(lab), "✓ done")

    async def test_help_tells_the_short_names(self, home: Home) -> None:
        async with laboratory(home, (100, 140)) as lab:
            await lab.press("?")
            await shows(lab, "Short names", "time_steps", "epochs / epochs_per_iteration", "seed 2")
