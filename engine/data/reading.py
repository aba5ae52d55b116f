"""Files that people give, as bytes and as text, or an error that says why not."""

import re
from pathlib import Path

from engine.data.encodings import (
    guess_encoding,
    is_damaged_utf8,
    marked_encoding,
    unmarked_encoding,
)
from engine.data.file_kinds import looks_binary, refuse_binary
from engine.errors import UsageError
from engine.host.files import expand_path, path_to_text
from engine.language import _
from engine.sanitise import printable, shorten

LARGEST_BYTES = 32 * 2**20
"""The largest file or download accepted: everything is held in memory."""

_LONGEST_NAME = 255
_LONGEST_EXCERPT = 24
_LONGEST_HEAD = 2_000
_LINE_END = re.compile(rb"\r\n|\r|\n")
_TEXT_LINE_END = re.compile(r"\r\n|\r|\n")
# A comment's group is atomic: only its nearest end is tried.
_PAGE = re.compile(r"(<\?xml[^>]*>\s*)?(?><!--.*?-->\s*)*+<(!doctype html|html[\s>])", re.DOTALL)
_XML = re.compile(r"\s*<\?xml\s")
_JSON = re.compile(r"""\s*(?:\[\s*)*(?:\{\s*"|\[\s*\[)""")
_ISO_2022_JP = re.compile(rb"\x1b\$[@B]")


def read_file(path: Path) -> bytes:
    """Return a file's bytes.

    Raises :class:`UsageError` if it can't be read or is over 32 MiB.
    """
    try:
        with expand_path(path).open("rb") as file:
            content = file.read(LARGEST_BYTES + 1)
    except OSError as error:
        raise UsageError(
            _("Can't read {path}: {reason}.").format(path=path, reason=error.strerror)
        ) from error
    if len(content) > LARGEST_BYTES:
        raise UsageError(
            _("{path} is larger than {limit} MiB.").format(path=path, limit=LARGEST_BYTES // 2**20),
            # head may cut in the middle of a character.
            _("Cut a part out of it: head -c 30M FILE | iconv -c -f utf-8 -t utf-8 > PART"),
        )
    return content


def decode(content: bytes, origin: str) -> str:
    """Return a file's text without its byte order mark; ``origin`` names it in error messages.

    It must be UTF-8, or UTF-16 or UTF-32 with a mark. Raises :class:`UsageError` for another
    encoding, with the line and the likely encoding, and for what is not text: an archive, a
    document, a binary file.
    """
    refuse_binary(content, origin)
    encoding, body = marked_encoding(content) or ("utf-8", content)
    if encoding != "utf-8":
        return _decode_marked(content, body, encoding, origin)
    if b"\0" in body:
        raise _nul_error(content, origin)
    if _ISO_2022_JP.search(body) and body.isascii():
        raise UsageError(
            _("{path} is not UTF-8 text: line {line}.").format(
                path=origin, line=line_at(body, body.index(b"\x1b$"))
            ),
            _conversion_remedy("iso-2022-jp"),
        )
    try:
        return body.decode()
    except UnicodeDecodeError as error:
        raise _not_utf8_error(body, error.start, origin) from None


def decode_table(content: bytes, origin: str) -> str:
    """Return the text of a file that should be a table.

    Raises :class:`UsageError` as :func:`decode` does, and for HTML, notebooks, JSON and XML.
    """
    text = decode(content, origin)
    if markup := markup_of(text):
        kind, remedy = markup
        raise UsageError(
            _("{origin} is {kind}, not a table.").format(origin=origin, kind=kind), remedy
        )
    if _XML.match(text):
        remedy = _("Save it as CSV where it was made.")
        raise UsageError(
            _("{origin} is {kind}, not a table.").format(origin=origin, kind="XML"), remedy
        )
    if _JSON.match(text):
        lines = ", lines=True" if "}\n{" in text else ""
        remedy = _("Write it as CSV: pandas.read_json(FILE{lines}).to_csv(NEW)").format(lines=lines)
        raise UsageError(
            _("{origin} is {kind}, not a table.").format(origin=origin, kind="JSON"), remedy
        )
    return text


def _decode_marked(content: bytes, body: bytes, encoding: str, origin: str) -> str:
    try:
        text = body.decode(encoding)
    except UnicodeDecodeError as error:
        undamaged = body[: error.start].decode(encoding, "replace")
        raise UsageError(
            _(
                "{path} is damaged: what follows line {line} is not {encoding}, in which it begins."
            ).format(
                path=origin,
                line=len(_TEXT_LINE_END.split(undamaged)),
                encoding=encoding[:6].upper(),
            ),
            _("Leave out what is damaged: iconv -c -f {encoding} -t utf-8 FILE > NEW").format(
                encoding=encoding[:6]
            ),
        ) from None
    if "\0" in text:
        raise _nul_error(content, origin)
    return text


def _nul_error(content: bytes, origin: str) -> UsageError:
    if encoding := unmarked_encoding(content):
        return UsageError(
            _(
                "{path} is not UTF-8 text: it seems to be {encoding} without a byte order mark."
            ).format(path=origin, encoding=encoding[:6].upper()),
            _conversion_remedy(encoding),
        )
    if looks_binary(content):
        return _binary_error(origin)
    return UsageError(
        _("{origin}, line {line}: there is a NUL byte, which no text has.").format(
            origin=origin, line=line_at(content, content.index(b"\0"))
        ),
        _("Leave them out: tr -d '\\000' < FILE > NEW"),
    )


def _binary_error(origin: str) -> UsageError:
    return UsageError(
        _("{origin} is a binary file, not a text.").format(origin=origin),
        _("Give the text or the table that it was made from."),
    )


def _not_utf8_error(content: bytes, position: int, origin: str) -> UsageError:
    if looks_binary(content):
        return _binary_error(origin)
    what = _("{path} is not UTF-8 text: line {line}.").format(
        path=origin, line=line_at(content, position)
    )
    if is_damaged_utf8(content):
        return UsageError(
            what,
            _(
                "All but a few bytes are UTF-8; leave those out: iconv -c -f utf-8 -t utf-8 FILE "
                "> NEW"
            ),
        )
    encoding = guess_encoding(content, position)
    if encoding is None:
        return UsageError(
            what, _("No common encoding fits it either: save it as UTF-8 where it was made.")
        )
    return UsageError(
        what,
        _(
            "It may be {encoding}, in which that line has “{excerpt}”: iconv -f {encoding} -t "
            "utf-8 FILE > NEW"
        ).format(encoding=encoding, excerpt=_excerpt(content, position, encoding)),
    )


def _excerpt(content: bytes, position: int, encoding: str) -> str:
    """Return a few words around a byte of a text, which show a person if the encoding is right."""
    begin = max(content.rfind(end, 0, position) for end in (b"\n", b"\r")) + 1
    # A character may have begun before the byte, and the last one may be cut.
    line = _LINE_END.split(content[begin : position + 4 * _LONGEST_EXCERPT], maxsplit=1)[0]
    text = line.decode(encoding, "replace").rstrip("\ufffd")
    center = len(line[: position - begin].decode(encoding, "replace"))
    return printable(
        text[max(0, center - _LONGEST_EXCERPT // 2) : center + _LONGEST_EXCERPT // 2]
    ).strip()


def _conversion_remedy(encoding: str) -> str:
    return _("Convert it: iconv -f {encoding} -t utf-8 FILE > NEW").format(encoding=encoding)


def markup_of(text: str) -> tuple[str, str] | None:
    """Return what kind of markup a text is, and how to extract its words; None for plain text.

    Markup can be read as it is, but it is neither a table nor a story.
    """
    beginning = text[:_LONGEST_HEAD].lstrip().lower()
    if _PAGE.match(beginning):
        return _("an HTML page"), _(
            "Save it as text in the browser, or: pandoc -f html -t plain FILE -o NEW"
        )
    if beginning.startswith("{") and '"nbformat"' in text and '"cells"' in text:
        return _("a Jupyter notebook"), _(
            "Save its code as text: jupyter nbconvert --to script FILE"
        )
    return None


def line_at(content: bytes, position: int) -> int:
    """Return the number, from 1, of the line that contains a byte."""
    return len(_LINE_END.split(content[:position]))


def display_name(name: str) -> str:
    """Return a file's name as screens and records show it, without terminal control characters.

    ``name`` may hold the surrogates of a name that is not UTF-8. The result is never empty and has
    255 characters at most.
    """
    text = printable(path_to_text(Path(name))).strip() or _("unnamed")
    return shorten(text, _LONGEST_NAME)
