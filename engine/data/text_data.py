"""The data of text trials: texts, prepared.

NumPy is imported where it is needed: lists of runs ask for less.
"""

from collections.abc import Mapping
from typing import TYPE_CHECKING

from engine.data.catalog import ALICE, PYTHON_DOCS, Fetch, changed_preparation
from engine.data.kinds import KindData, ResolvedData, TrainingShape
from engine.data.texts import REPORT_DIGEST, Library
from engine.host.home import Home
from engine.trials.trial import DataReference, TextParameters
from engine.trials.variant import Variant

if TYPE_CHECKING:
    from engine.data.notes import DataNotes


class TextData(KindData[TextParameters]):
    report_digest = REPORT_DIGEST

    def resolve(
        self, home: Home, source: str, fetch: Fetch | None, options: Mapping[str, object]
    ) -> ResolvedData:
        text = Library(home).resolve(source, fetch, options)
        return ResolvedData(text.reference, len(text.text), text.distinct)

    def check(self, parameters: TextParameters, length: int, distinct: int) -> None:
        from engine.numerics.protocol import check_text

        check_text(parameters, length, distinct)

    def training_shape(
        self, parameters: TextParameters, length: int, variant: Variant
    ) -> TrainingShape:
        from engine.numerics.cells import CELLS

        return TrainingShape(
            max(1, length - parameters.seqlen),
            variant.parts,
            one_hot=CELLS[parameters.cell].fast_path(parameters.seqlen) is None,
        )

    def changed_options(self, data: DataReference) -> dict[str, str]:
        return changed_preparation(data)

    def command_options(self, data: DataReference) -> list[str]:
        # If the default can't be known here, options are written even if they have default values:
        # a file may be a copy of the report's text, and a text under a person's own name may have
        # been added with options.
        options = data.preparation.model_dump()
        if data.file is not None or data.url is not None:
            options = {"letters": options["letters"], **changed_preparation(data)}
        elif data.name in (ALICE, PYTHON_DOCS):
            options = changed_preparation(data)
        source = data.file or data.url or data.name
        return ["--corpus", source, *(f"--{name}={value}" for name, value in options.items())]

    def notes(self, data: DataReference, home: Home, length: int | None) -> "DataNotes":
        from engine.data.notes import notes_of_text

        return notes_of_text(data, home)


TEXT_DATA = TextData()
