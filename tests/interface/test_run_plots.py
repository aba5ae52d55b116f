"""The plots of a sunspot run: zoomed, moved along, and drawn in other ways."""

import pytest
from helpers.app import (
    Lab,
    at_work,
    laboratory,
    open_run,
    seen,
    shows,
    under_the_plot,
    until,
)
from helpers.factory import sunspots_trial, write_run

from engine.host.home import Home


def years(lab: Lab) -> list[int]:
    """The years under the prediction."""
    return [int(word) for word in under_the_plot(lab)]


class TestPlots:
    async def predicted(self, lab: Lab) -> None:
        """Open the run and its prediction."""
        await open_run(lab)
        await lab.press("2")
        await shows(lab, "test from")

    async def test_plus_and_minus_zoom(self, home: Home) -> None:
        write_run(home, sunspots_trial(5))
        async with laboratory(home) as lab:
            await self.predicted(lab)
            whole = seen(lab)
            assert (years(lab)[0], years(lab)[-1]) == (1750, 1950)
            await lab.press("plus")
            await lab.pause()
            near = years(lab)
            assert near[0] > 1750
            assert near[-1] < 1950
            await lab.press("minus", "minus")
            await lab.pause()
            assert seen(lab) == whole
            await lab.press("minus")
            await lab.pause()
            assert seen(lab) == whole

    async def test_minus_takes_back_plus(self, home: Home) -> None:
        write_run(home, sunspots_trial(5))
        async with laboratory(home) as lab:
            await self.predicted(lab)
            whole = seen(lab)
            await lab.press("plus")
            await lab.pause()
            await lab.press("minus")
            await lab.pause()
            assert seen(lab) == whole

    async def test_zooming_in_ends_somewhere(self, home: Home) -> None:
        write_run(home, sunspots_trial(5))
        async with laboratory(home) as lab:
            await self.predicted(lab)
            await lab.press(*["plus"] * 12)
            await lab.pause()
            nearest = seen(lab)
            await lab.press("plus")
            await lab.pause()
            assert seen(lab) == nearest
            assert "predicted" in nearest

    async def test_arrows_pan_to_both_ends_and_no_further(self, home: Home) -> None:
        write_run(home, sunspots_trial(5))
        async with laboratory(home) as lab:
            await self.predicted(lab)
            await lab.press("plus", "plus")
            await lab.pause()
            middle = seen(lab)
            await lab.press("right")
            await lab.pause()
            assert seen(lab) != middle
            await lab.press("left")
            await lab.pause()
            assert seen(lab) == middle
            for key, year in (("left", 1750), ("right", 1980)):
                await lab.press(*[key] * 12)
                await lab.pause()
                end = seen(lab)
                assert year in years(lab)
                await lab.press(key)
                await lab.pause()
                assert seen(lab) == end

    async def test_keys_before_there_is_a_prediction_do_no_harm(self, home: Home) -> None:
        with at_work(home, sunspots_trial(5)) as worker:
            worker.start()
            async with laboratory(home) as lab:
                await open_run(lab)
                await lab.press(
                    "2", "plus", "minus", "left", "right", "space", "end", "3", "l", "s"
                )
                await lab.pause()
                worker.train(0.5, 0.25)
                worker.finish()
                await lab.press("2")
                await shows(lab, "1750", "1950")

    async def test_l_and_s_change_the_loss_curve_and_back(self, home: Home) -> None:
        write_run(home, sunspots_trial(5))
        async with laboratory(home) as lab:
            await open_run(lab)
            await lab.press("3")
            await lab.pause()
            plain = seen(lab)
            await lab.press("l")
            await shows(lab, "log scale")
            await lab.press("s")
            await shows(lab, "mean of 3")
            await lab.press("s")
            await shows(lab, "mean of 9")
            await lab.press("s", "l")
            await until(lab, lambda: seen(lab) == plain)

    @pytest.mark.parametrize("key", ["l", "s"])
    async def test_a_key_in_the_footer_answers_where_it_stands(self, home: Home, key: str) -> None:
        write_run(home, sunspots_trial(5))
        async with laboratory(home) as lab:
            await open_run(lab)
            before = seen(lab)
            await lab.press(key)
            await lab.pause()
            assert seen(lab) != before
