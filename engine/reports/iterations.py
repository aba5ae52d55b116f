"""Which iterations of a text run a table shows."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal, get_args

from engine.errors import UsageError
from engine.language import _, ngettext
from engine.runs.results import IterationMetrics
from engine.trials.trial import shorten
from presets import Preset

_MAX = 10_000
_Which = Literal["all", "published", "last"]
_CHOICES: tuple[_Which, ...] = get_args(_Which)


@dataclass(frozen=True)
class Iterations:
    """A choice of iterations: all, the last, those printed in the report, or these numbers."""

    which: _Which = "all"
    numbers: tuple[int, ...] = ()
    """In ascending order; if not empty, they are the choice."""

    def __str__(self) -> str:
        """Format the choice as :meth:`parse` reads it."""
        return ",".join(map(str, self.numbers)) or self.which

    @classmethod
    def parse(cls, text: str) -> "Iterations":
        """Parse ``all``, ``published``, ``last`` or numbers separated by commas: ``1,13,25``.

        Raises :class:`UsageError` for anything else.
        """
        word = text.strip().lower()
        for which in _CHOICES:
            if word == which:
                return cls(which)
        numbers = [part.strip() for part in word.split(",")]
        if not all(map(_is_iteration, numbers)):
            raise UsageError(
                _(
                    "iterations = {text}: must be all, published, last, or numbers from 1 to "
                    "{most}."
                ).format(text=shorten(text), most=_MAX),
                _("Separate numbers by commas, as in 1,13,25."),
            )
        return cls(numbers=tuple(sorted({int(number) for number in numbers})))

    def select(
        self, complete: Sequence[IterationMetrics], preset: Preset | None
    ) -> list[IterationMetrics]:
        """Return the chosen ones among a run's complete iterations, in order.

        The preset tells which iterations the report printed; for an unknown preset, all are chosen.
        """
        if self.numbers:
            return [iteration for iteration in complete if iteration.iteration in self.numbers]
        if self.which == "last":
            return list(complete[-1:])
        if self.which == "published" and preset:
            printed = preset.published.losses
            return [iteration for iteration in complete if iteration.iteration in printed]
        return list(complete)

    def check(self, counts: Sequence[int]) -> None:
        """Raise :class:`UsageError` if a number is not an iteration of any of several runs.

        ``counts``: the number of complete iterations of each text run.
        """
        most = max(counts, default=0)
        given = shorten(self)
        if self.numbers and not most:
            raise UsageError(
                _("iterations = {text}: no iteration is complete yet.").format(text=given),
                _("Choose all until then."),
            )
        if self.numbers and self.numbers[-1] > most:
            if len(counts) == 1:
                count = ngettext("{n} iteration is complete.", "{n} iterations are complete.", most)
            else:
                count = _("no run has more than {n} complete.")
            raise UsageError(
                _("iterations = {text}: {count}").format(text=given, count=count.format(n=most)),
                _("Choose numbers from 1 to {most}, last or all.").format(most=most),
            )

    def missing(self, complete: Sequence[IterationMetrics]) -> list[int]:
        """Return the requested numbers that are not among a run's complete iterations."""
        numbers = {iteration.iteration for iteration in complete}
        return [number for number in self.numbers if number not in numbers]


def _is_iteration(text: str) -> bool:
    return (
        text.isascii() and text.isdigit() and len(text) <= len(str(_MAX)) and 1 <= int(text) <= _MAX
    )


ALL_ITERATIONS = Iterations()
