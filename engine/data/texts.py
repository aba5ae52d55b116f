"""Texts: what a trial reads is prepared from a file's content, as its trial says."""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass

from engine.data.catalog import default_preparation
from engine.data.reading import decode, markup_of
from engine.data.text_preparation import LeftOut, prepare, prepare_text
from engine.errors import UsageError
from engine.language import _
from engine.trials.data_options import (
    REPORT_PREPARATION,
    USUAL_PREPARATION,
    TextPreparation,
    parse_text_preparation,
)
from engine.trials.trial import DataReference

REPORT_DIGEST = "ae11b86f29fc1b646ff71addf535e98314d82e1701038e746f573dfaa2bc0b6f"
"""SHA-256 of the prepared text of the report's samples: 158,270 characters, 55 distinct."""


_COPY_LENGTHS = range(158_270, 1_000_000)
"""The possible lengths of a file that has that text, with dropped characters and spaces."""


@dataclass(frozen=True)
class Corpus:
    """A prepared text. ``sha256`` is the file's, ``prepared_sha256`` the prepared text's."""

    name: str
    sha256: str
    text: str
    file: str | None = None
    url: str | None = None
    preparation: TextPreparation = REPORT_PREPARATION
    left_out: LeftOut = LeftOut()  # noqa: RUF009 (frozen)
    lines: int = 1
    """Lines of the file that are not empty."""
    licence: int = 0
    """How many characters of the text are Project Gutenberg's header and licence."""
    markup: tuple[str, str] | None = None
    """The kind of markup that the file is, such as a page, and how to extract its words."""

    @property
    def reference(self) -> DataReference:
        return DataReference(
            name=self.name,
            sha256=self.sha256,
            file=self.file,
            url=self.url,
            preparation=self.preparation,
        )

    @property
    def prepared_sha256(self) -> str:
        return hashlib.sha256(self.text.encode()).hexdigest()

    @property
    def distinct(self) -> int:
        return len(set(self.text))

    @property
    def is_report_text(self) -> bool:
        return self.prepared_sha256 == REPORT_DIGEST


def read_text(
    content: bytes, reference: DataReference, origin: str, options: Mapping[str, object]
) -> Corpus:
    """Return the corpus of a file's content; ``origin`` names the file in messages.

    It is prepared as ``options`` say, those of :class:`TextPreparation`, or by default. Raises
    :class:`UsageError` if a network could not learn it.
    """
    text = decode(content, origin)
    preparation = parse_text_preparation(options, _default_preparation(reference, text))
    corpus = _prepare_corpus(reference.model_copy(update={"preparation": preparation}), text)
    if corpus.distinct < 2:
        is_ascii_the_cause = preparation.letters == "ascii" and corpus.left_out.characters > 0
        raise UsageError(
            _("{name} has no text that a network could learn.").format(name=origin),
            _("It needs two different ASCII characters, or all its letters: --letters all")
            if is_ascii_the_cause
            else _("It needs at least two different characters."),
        )
    return corpus


def open_text(reference: DataReference, content: bytes) -> Corpus:
    """Return the corpus that a trial refers to, of the stored file's content."""
    return _prepare_corpus(reference, decode(content, reference.name))


def _default_preparation(data: DataReference, text: str) -> TextPreparation:
    """Return a text's default preparation; a copy of the report's text gets the report's."""
    default = default_preparation(data)
    if default != REPORT_PREPARATION and len(text) in _COPY_LENGTHS:
        digest = hashlib.sha256(prepare(text).encode()).hexdigest()
        return REPORT_PREPARATION if digest == REPORT_DIGEST else default
    return default


def _prepare_corpus(reference: DataReference, text: str) -> Corpus:
    prepared = prepare_text(text, reference.preparation)
    return Corpus(
        name=reference.name,
        sha256=reference.sha256,
        text=prepared.text,
        file=reference.file,
        url=reference.url,
        preparation=reference.preparation,
        left_out=prepared.left_out,
        lines=prepared.lines,
        licence=prepared.licence,
        markup=markup_of(text),
    )


def python_docs_length() -> int:
    """Return the prepared length of ``python-docs``; it varies between versions of Python."""
    return len(prepare(python_docs().decode(), USUAL_PREPARATION))


def python_docs_sha256() -> str:
    """Return the SHA-256 of ``python-docs``; it varies between versions of Python."""
    return hashlib.sha256(python_docs()).hexdigest()


def python_docs() -> bytes:
    """Return the language reference topics that come with CPython (``help("topics")``)."""
    from pydoc_data import topics

    return "\n".join(text for _topic, text in sorted(topics.topics.items())).encode()
