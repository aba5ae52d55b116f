"""A character run on the screen: the text as it comes, iteration by iteration, harmless whatever it
contains.
"""

import pytest
from helpers.app import (
    WIDE,
    Lab,
    at_work,
    comes_to,
    dangerous,
    flowing,
    laboratory,
    line_with,
    lines,
    looked_again,
    open_run,
    run_screen,
    seen,
    shows,
    styles_at,
    until,
)
from helpers.factory import Written, alice_trial, made_up_loss, made_up_text, write_run

from engine.host.home import Home
from engine.runs.events import Cancelled, Characters, Failed
from presets import PublishedText, get
from tui.screens.home import HomeScreen
from tui.widgets.typewriter import Typewriter

SEED = "rried on, "
MOCK = "and the mock turtle she was she was"
HOSTILE = "a\x1b]52;c;aGk=\x07b\x1b[2Jc\x9b31md[bold]e[/bold][/nope]\u202ef\u2066g\r\nh\tz"
CLEAN = "a]52;c;aGk=b[2Jc31md[bold]e[/bold][/nope]fg h z"


def prose(lab: Lab) -> str:
    """Seed and text as they stand under the title: what lies between the frame of the seed and the
    published text.
    """
    rows = lines(lab)
    under_title = next((y for y, line in enumerate(rows) if "ITERATION" in line), len(rows)) + 1
    text = "\n".join(line for line in rows[under_title:-1] if "┌" not in line and "└" not in line)
    return " ".join(text.partition(" published:")[0].split())


def typewriter(lab: Lab) -> Typewriter:
    """The widget that types."""
    return run_screen(lab).query_one(Typewriter)


async def text_tab(lab: Lab) -> None:
    """Open the run and its text."""
    await open_run(lab)
    await lab.press("2")
    await lab.pause()


class TestTyping:
    async def test_before_the_first_text_it_says_when_it_comes(self, home: Home) -> None:
        with at_work(home, alice_trial(1)) as worker:
            worker.start()
            async with laboratory(home) as lab:
                await text_tab(lab)
                assert "The first text comes after the first iteration." in seen(lab)

    async def test_characters_appear_as_they_are_logged(self, home: Home) -> None:
        with at_work(home, alice_trial(1)) as worker:
            worker.start()
            async with laboratory(home) as lab:
                await text_tab(lab)
                worker.train(2.5)
                worker.write(1, SEED, "and ", "the mo")
                await until(lab, lambda: prose(lab) == "rried on, and the mo▌")
                worker.say(Characters(iteration=1, text="ck turtle"))
                await until(lab, lambda: prose(lab) == "rried on, and the mock turtle▌")
                worker.end_iteration(1, 2.5)
                await until(lab, lambda: prose(lab) == "rried on, and the mock turtle")

    async def test_they_are_typed_and_do_not_fall_in_at_once(self, home: Home) -> None:
        with at_work(home, alice_trial(1)) as worker:
            worker.start()
            async with laboratory(home) as lab:
                await text_tab(lab)
                worker.train(2.5)
                worker.write(1, SEED, MOCK * 3)
                seen_lengths: set[int] = set()

                def all_typed() -> bool:
                    seen_lengths.add(len(prose(lab)))
                    return prose(lab).startswith(f"{SEED}{MOCK}") and "was" in prose(lab)[100:]

                await until(lab, all_typed)
                assert len(seen_lengths) > 2

    async def test_end_shows_all_that_has_come(self, home: Home) -> None:
        with at_work(home, alice_trial(1)) as worker:
            worker.start()
            async with laboratory(home) as lab:
                await text_tab(lab)
                worker.train(2.5)
                worker.write(1, SEED, MOCK * 3)
                await until(lab, lambda: prose(lab).startswith("rried on, "))
                await lab.press("end")
                await lab.pause()
                assert prose(lab) == " ".join(f"{SEED}{MOCK * 3}▌".split())

    async def test_space_stops_it_and_lets_it_go_on(self, home: Home) -> None:
        with at_work(home, alice_trial(1)) as worker:
            worker.start()
            async with laboratory(home) as lab:
                await text_tab(lab)
                worker.train(2.5)
                worker.write(1, SEED)
                await until(lab, lambda: "rried on" in seen(lab))
                await lab.press("space")
                worker.say(Characters(iteration=1, text=MOCK))
                await looked_again(lab)
                assert typewriter(lab).paused
                assert prose(lab) == "rried on, ▌"
                await lab.press("space")
                await until(lab, lambda: prose(lab) == f"{SEED}{MOCK}▌")

    async def test_an_unfinished_text_gives_way_when_the_next_begins(self, home: Home) -> None:
        with at_work(home, alice_trial(1)) as worker:
            worker.start()
            async with laboratory(home) as lab:
                await text_tab(lab)
                worker.train(2.5)
                worker.write(1, SEED, MOCK * 2)
                await until(lab, lambda: "rried on" in seen(lab))
                worker.end_iteration(1, 2.5)
                worker.train(2.0)
                worker.write(2, "alice was ", "beg")
                await shows(lab, "ITERATION 2 of 25   loss 2.0000")
                await until(lab, lambda: prose(lab) == "alice was beg▌")
                assert "rried on" not in seen(lab)
                await lab.press("left")
                await lab.pause()
                assert prose(lab) == f"{SEED}{MOCK * 2}"

    async def test_a_text_that_comes_while_another_tab_is_in_front(self, home: Home) -> None:
        with at_work(home, alice_trial(1)) as worker:
            worker.start()
            async with laboratory(home) as lab:
                await open_run(lab)
                worker.train(2.5)
                worker.write(1, SEED, MOCK)
                await shows(lab, "2.5000")
                await lab.press("2")
                await until(lab, lambda: prose(lab) == f"{SEED}{MOCK}▌")

    async def test_a_text_under_way_is_shown_as_it_stands_when_one_looks(self, home: Home) -> None:
        trial = alice_trial(1)
        run = write_run(home, trial, end=None, iterations=2, characters=37, host="elsewhere")
        assert run.progress().iterations[-1].text
        async with laboratory(home) as lab:
            await text_tab(lab)
            written = made_up_text(trial, 3)
            assert prose(lab) == " ".join(f"{written.seed_text}{written.generated[:37]}▌".split())

    async def test_a_long_text_is_read_to_its_end_by_keyboard(self, home: Home) -> None:
        write_run(home, alice_trial(1, iterations=1, predictions=6000))
        async with laboratory(home) as lab:
            await text_tab(lab)
            last = typewriter(lab)._text[-12:].strip()
            await lab.press(*["pagedown"] * 12)
            await until(lab, lambda: last in seen(lab))

    async def test_end_goes_to_the_end_of_a_long_text(self, home: Home) -> None:
        write_run(home, alice_trial(1, iterations=1, predictions=6000))
        async with laboratory(home) as lab:
            await text_tab(lab)
            await lab.press("home")
            await until(lab, lambda: typewriter(lab).scroll_offset.y == 0)
            await lab.press("end")
            await lab.pause()
            await lab.pause()
            assert typewriter(lab).scroll_offset.y == typewriter(lab).max_scroll_y

    async def test_a_long_text_that_was_written_before_begins_at_its_beginning(
        self, home: Home
    ) -> None:
        write_run(home, alice_trial(1, iterations=1, predictions=6000))
        async with laboratory(home) as lab:
            await text_tab(lab)
            await lab.pause()
            assert "ITERATION 1 of 1" in seen(lab)
            assert "┌ seed" in seen(lab)

    @pytest.mark.parametrize(
        "end", [Cancelled(), Failed(what="It broke."), None], ids=["cancelled", "failed", "gone"]
    )
    async def test_a_text_that_will_never_go_on_has_no_cursor(
        self, home: Home, end: Cancelled | Failed | None
    ) -> None:
        with at_work(home, alice_trial(1)) as worker:
            worker.start()
            worker.train(2.5)
            worker.write(1, SEED, MOCK)
            async with laboratory(home) as lab:
                await text_tab(lab)
                worker.leave(end)
                await until(lab, lambda: "running" not in lines(lab)[0])
                await lab.pause()
                assert prose(lab) == f"{SEED}{MOCK}"


class TestSeed:
    async def test_is_set_apart_by_a_frame_and_a_style(self, home: Home) -> None:
        write_run(
            home, alice_trial(1, iterations=2), texts=[Written(SEED, MOCK), Written(SEED, MOCK)]
        )
        async with laboratory(home) as lab:
            await text_tab(lab)
            rows = lines(lab)
            frame = next(line for line in rows if "┌ seed ─" in line)
            text = rows[rows.index(frame) + 1]
            assert frame.index("┐") - frame.index("┌") - 1 == len(SEED)
            assert text.index(SEED) == frame.index("┌") + 1
            assert all(style.underline for style in styles_at(lab, SEED))
            assert not any(style.underline for style in styles_at(lab, MOCK))

    async def test_the_published_text_stands_under_it(self, home: Home) -> None:
        write_run(home, alice_trial(1, iterations=13))
        async with laboratory(home) as lab:
            await text_tab(lab)
            assert "ITERATION 13 of 13   loss .1769" in seen(lab).replace("0.1769", ".1769")
            assert "published 1.5271" in line_with(lab, "ITERATION")
            assert "published: [rried on, ]and the mock turtle she was" in flowing(lab)


class TestWalk:
    async def test_arrows_go_through_the_iterations_with_their_published_texts(
        self, home: Home
    ) -> None:
        trial = alice_trial(1)
        write_run(home, trial)
        preset = get("alice/1")
        assert preset is not None
        assert isinstance(preset.published, PublishedText)
        published = {row.iteration: row for row in preset.published.iterations}
        async with laboratory(home) as lab:
            await text_tab(lab)
            for iteration in (*range(25, 0, -1), 1):
                assert f"ITERATION {iteration} of 25   loss {made_up_loss(iteration):.4f}" in seen(
                    lab
                )
                written = made_up_text(trial, iteration)
                assert prose(lab) == " ".join(f"{written.seed_text}{written.generated}".split())
                row = published.get(iteration)
                assert ("published:" in seen(lab)) == (row is not None)
                if row is not None:
                    assert f"published {row.loss:.4f}" in line_with(lab, "ITERATION")
                    assert f"published: [{row.seed_text}]{row.generated}"[:60].rstrip() in seen(lab)
                await lab.press("left")
                await lab.pause()
            for iteration in range(2, 26):
                await lab.press("right")
                await lab.pause()
                assert f"ITERATION {iteration} of 25" in seen(lab)

    async def test_looking_at_an_earlier_one_is_not_disturbed_by_what_comes(
        self, home: Home
    ) -> None:
        with at_work(home, alice_trial(1)) as worker:
            worker.start()
            for iteration in (1, 2):
                worker.train(2.5)
                worker.write(iteration, SEED, f"text number {iteration}")
                worker.end_iteration(iteration, 2.5)
            async with laboratory(home) as lab:
                await text_tab(lab)
                await lab.press("left")
                await shows(lab, "ITERATION 1 of 25", "text number 1")
                worker.train(2.0)
                worker.write(3, SEED, "text number 3")
                await looked_again(lab)
                assert "text number 1" in seen(lab)
                await lab.press("right", "right")
                await shows(lab, "ITERATION 3 of 25", "text number 3")
                worker.say(Characters(iteration=3, text=" goes on"))
                await shows(lab, "text number 3 goes on")

    async def test_arrows_before_there_is_a_text_do_no_harm(self, home: Home) -> None:
        with at_work(home, alice_trial(1)) as worker:
            worker.start()
            async with laboratory(home) as lab:
                await text_tab(lab)
                await lab.press("left", "right", "end", "space", "space", "plus")
                worker.train(2.5)
                worker.write(1, SEED, MOCK)
                await until(lab, lambda: prose(lab) == f"{SEED}{MOCK}▌")

    async def test_a_text_of_other_iterations_per_epoch(self, home: Home) -> None:
        trial = alice_trial(5, iterations=2)
        write_run(home, trial)
        async with laboratory(home) as lab:
            await text_tab(lab)
            await lab.press("left")
            await shows(lab, f"ITERATION 1 of 2   loss {made_up_loss(5):.4f}   published 1.5772")


class TestHead:
    async def test_says_the_iteration_and_the_epoch_of_it(self, home: Home) -> None:
        with at_work(home, alice_trial(5)) as worker:
            worker.start()
            async with laboratory(home) as lab:
                await open_run(lab)
                assert "iteration 1/40  epoch 1/5" in lines(lab)[0]
                worker.train(*[2.5] * 3)
                await shows(lab, "iteration 1/40  epoch 4/5")

    async def test_says_the_iteration_whose_text_is_being_written(self, home: Home) -> None:
        with at_work(home, alice_trial(1)) as worker:
            worker.start()
            worker.train(2.5)
            worker.write(1, SEED, MOCK)
            async with laboratory(home) as lab:
                await text_tab(lab)
                assert "ITERATION 1 of 25" in seen(lab)
                assert "iteration 1/25" in lines(lab)[0]

    async def test_published_losses_stand_beside_the_epochs(self, home: Home) -> None:
        write_run(home, alice_trial(5, iterations=10))
        async with laboratory(home) as lab:
            await open_run(lab)
            assert line_with(lab, "      50 ").split() == [
                "50",
                "0.12000",
                "145.00",
                "10",
                "1.2843",
            ] or (line_with(lab, "      50 ").split()[0::4] == ["50", "1.2843"])
            await lab.press("3")
            await shows(lab, "◆ published")


class TestHostile:
    @pytest.mark.parametrize("size", [(80, 24), WIDE])
    async def test_a_hostile_text_is_shown_letter_by_letter(
        self, home: Home, size: tuple[int, int]
    ) -> None:
        texts = [Written(HOSTILE[:10], HOSTILE), Written("the second", "one")]
        write_run(home, alice_trial(1, iterations=2), texts=texts)
        async with laboratory(home, size) as lab:
            await open_run(lab)
            for tab in "12345":
                await lab.press(tab)
                await lab.pause()
                assert dangerous(lab) == set(), tab
            await lab.press("2", "left")
            # Its own line end is one, marked.
            await shows(lab, *CLEAN.replace("g h", "g⏎\nh").split("\n"))
            assert dangerous(lab) == set()

    async def test_a_sequence_that_comes_in_two_pieces(self, home: Home) -> None:
        with at_work(home, alice_trial(1)) as worker:
            worker.start()
            worker.train(2.5)
            async with laboratory(home) as lab:
                await text_tab(lab)
                worker.write(1, SEED, *HOSTILE)
                await lab.press("end")
                await until(lab, lambda: CLEAN.split("[/nope]")[0] in seen(lab))
                assert dangerous(lab) == set()

    async def test_a_hostile_failure_is_harmless(self, home: Home) -> None:
        write_run(
            home,
            alice_trial(1),
            end=Failed(what=f"It broke: {HOSTILE}", remedy=HOSTILE),
            iterations=1,
        )
        async with laboratory(home) as lab:
            await open_run(lab)
            await shows(lab, "It broke: a")
            assert dangerous(lab) == set()

    async def test_a_hostile_worker_log_is_harmless(self, home: Home) -> None:
        run = write_run(home, alice_trial(1), end=Failed(what="It broke."), iterations=1)
        run.worker_log.write_bytes(HOSTILE.encode() + b"\xff\xfe\x00\x9b31m\nlast line")
        async with laboratory(home) as lab:
            await open_run(lab)
            await lab.press("5")
            await lab.press(*["pagedown"] * 9)
            await shows(lab, "last line", CLEAN.split("fg")[0])
            assert dangerous(lab) == set()

    async def test_a_corpus_with_a_hostile_path_is_harmless(self, home: Home) -> None:
        reference = alice_trial(1).data.model_copy(update={"file": f"/tmp/{HOSTILE}"})
        write_run(home, alice_trial(1, data=reference), end=Cancelled(), iterations=1)
        async with laboratory(home) as lab:
            await open_run(lab)
            await lab.press("4")
            await lab.pause()
            assert "rnnlab-tui run alice/1" in seen(lab)
            assert dangerous(lab) == set()


class TestLog:
    async def test_a_log_that_is_watched_stands_at_its_end(self, home: Home) -> None:
        with at_work(home, alice_trial(1)) as worker:
            worker.start()
            async with laboratory(home) as lab:
                await open_run(lab)
                await lab.press("5")
                for iteration in range(1, 13):
                    worker.train(2.5)
                    worker.write(iteration, SEED, MOCK)
                    worker.end_iteration(iteration, 2.5)
                    await looked_again(lab)
                    assert f"iteration {iteration}  loss 2.5000" in seen(lab)

    async def test_a_log_opened_later_stands_at_its_end(self, home: Home) -> None:
        write_run(home, alice_trial(1))
        async with laboratory(home) as lab:
            await open_run(lab)
            await lab.press("5")
            await lab.pause()
            await lab.pause()
            assert "finished" in seen(lab)

    async def test_reading_above_is_not_disturbed(self, home: Home) -> None:
        with at_work(home, alice_trial(1)) as worker:
            worker.start()
            for iteration in range(1, 13):
                worker.train(2.5)
                worker.write(iteration, SEED, MOCK)
                worker.end_iteration(iteration, 2.5)
            async with laboratory(home) as lab:
                await open_run(lab)
                await lab.press("5")
                await shows(lab, "writes from")
                await lab.press("home")
                await shows(lab, "importing")
                worker.train(2.5)
                worker.write(13, SEED, MOCK)
                await looked_again(lab)
                await looked_again(lab)
                assert "importing" in seen(lab)


class TestStopped:
    @pytest.mark.parametrize("end", [None, Cancelled(), Failed(what="It broke.", remedy="Fix it.")])
    async def test_a_text_that_was_stopped_shows_exactly_the_half_that_was_logged(
        self, home: Home, end: Cancelled | Failed | None
    ) -> None:
        trial = alice_trial(1)
        run = write_run(home, trial, end=end, iterations=4, characters=43)
        # Cut in mid-line too: what was not written to its end has not happened.
        log = run.log.read_bytes()
        run.log.write_bytes(
            log + b'{"n": 999, "t": 1, "kind": "characters", "iteration": 5, "text": "never'
        )
        written = made_up_text(trial, 5)
        async with laboratory(home) as lab:
            await text_tab(lab)
            assert "ITERATION 5 of 25" in seen(lab)
            assert prose(lab) == " ".join(f"{written.seed_text}{written.generated[:43]}".split())
            await lab.press("left")
            await lab.pause()
            whole = made_up_text(trial, 4)
            assert prose(lab) == " ".join(f"{whole.seed_text}{whole.generated}".split())

    async def test_opened_again_it_is_the_same(self, home: Home) -> None:
        write_run(home, alice_trial(1), end=None, iterations=4, characters=43)
        async with laboratory(home) as lab:
            shown = []
            for _time in range(2):
                await text_tab(lab)
                shown.append(seen(lab))
                await lab.press("escape")
                await comes_to(lab, HomeScreen)
            assert shown[0] == shown[1]
