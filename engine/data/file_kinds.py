"""Files that are not text: archives, documents and other binary files, known by their first bytes.

Each is refused by its kind, with a command that turns it into text. ``FILE`` and ``NEW`` stand for
names in these commands, so that they can be typed in any shell. The bytes come from the formats'
own specifications, as the database of file(1) lists them.
"""

import io
import re
import zipfile
from collections.abc import Callable

from engine.errors import UsageError
from engine.language import _

_SAMPLE = 2**16
_FEW = 4
_SAVE = _("Save it as plain text, or a sheet as CSV.")
_TEXT_OR_TABLE = _("Give the text or the table that it was made from.")


def refuse_binary(content: bytes, origin: str) -> None:
    """Raise :class:`UsageError` if a file's first bytes show a known format that is not text.

    ``origin`` is the file's name in error messages.
    """
    for begins, describe in _KINDS:
        if content.startswith(begins):
            kind, remedy = describe(content)
            raise UsageError(
                _("{origin} is {kind}, not a text.").format(origin=origin, kind=kind), remedy
            )
    if content[257:262] == b"ustar":
        raise UsageError(
            _("{origin} is a tar archive, not a text.").format(origin=origin),
            _("Unpack it and give one of its files: tar -xf FILE"),
        )


def looks_binary(content: bytes) -> bool:
    """Return whether bytes contain too many control characters to be text in any encoding.

    Tab, line ends, form feed, the end of file of DOS and the escape of terminals and of ISO 2022 do
    not count.
    """
    sample = content[:_SAMPLE]
    controls = len(re.findall(rb"[\x00-\x08\x0e-\x19\x1c-\x1f\x7f]", sample))
    return controls > max(_FEW, len(sample) / 500)


def _always(kind: str, remedy: str) -> Callable[[bytes], tuple[str, str]]:
    return lambda _content: (kind, remedy)


def _packed_with(kind: str, command: str) -> Callable[[bytes], tuple[str, str]]:
    return _always(kind, _("Unpack it: {command} < FILE > NEW").format(command=command))


def _describe_zip(content: bytes) -> tuple[str, str]:
    """Return what a ZIP archive is: many kinds of documents are ZIP archives."""
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            names = set(archive.namelist())
            declared = (
                archive.read("mimetype")[:100].decode("ascii", "replace")
                if "mimetype" in names
                else ""
            )
    except (zipfile.BadZipFile, OSError, ValueError, RuntimeError, NotImplementedError, EOFError):
        names, declared = set(), ""
    if "META-INF/container.xml" in names:
        return _("an EPUB book"), _(
            "Convert it to text: pandoc -f epub -t plain FILE -o NEW (or, with Calibre, "
            "ebook-convert FILE NEW.txt)"
        )
    if "epub" in declared:
        # It lacks what programs need to open it as a book.
        return _("an EPUB book"), _("Take the text of its pages: python3 -m zipfile -e FILE FOLDER")
    if "word/document.xml" in names:
        return _("a Word document"), _pandoc_remedy("docx")
    if "opendocument.text" in declared:
        return _("an OpenDocument text"), _pandoc_remedy("odt")
    if "xl/workbook.xml" in names or "xl/workbook.bin" in names:
        return _("an Excel workbook"), _("Save the sheet as CSV.")
    if "opendocument.spreadsheet" in declared:
        return _("an OpenDocument workbook"), _("Save the sheet as CSV.")
    if names and all(name.endswith(".npy") for name in names):
        return _("an archive of NumPy arrays"), _("Save the series as CSV: numpy.savetxt.")
    return _("a ZIP archive"), _(
        "Unpack it and give one of its files: python3 -m zipfile -e FILE FOLDER"
    )


def _pandoc_remedy(kind: str) -> str:
    return _("Save it as plain text, or: pandoc -f {kind} -t plain FILE -o NEW").format(kind=kind)


def _describe_ole(content: bytes) -> tuple[str, str]:
    # The names of an OLE file's streams are UTF-16.
    if "WordDocument".encode("utf-16-le") in content:
        return _("a Word document"), _SAVE
    if "Workbook".encode("utf-16-le") in content or "Book".encode("utf-16-le") in content:
        return _("an Excel workbook"), _("Save the sheet as CSV.")
    return _("a document of Microsoft Office"), _SAVE


_IMAGE = _always(_("a picture"), _TEXT_OR_TABLE)
_SOUND = _always(_("a sound recording"), _TEXT_OR_TABLE)
_SEVEN_ZIP = _("Unpack it and give one of its files: 7z x FILE")

_KINDS: tuple[tuple[bytes | tuple[bytes, ...], Callable[[bytes], tuple[str, str]]], ...] = (
    ((b"PK\x03\x04", b"PK\x05\x06", b"PK\x07\x08"), _describe_zip),
    (b"\x1f\x8b", _packed_with(_("a gzip archive"), "gunzip")),
    (b"BZh", _packed_with(_("a bzip2 archive"), "bunzip2")),
    (b"\xfd7zXZ\x00", _packed_with(_("an xz archive"), "unxz")),
    (b"\x28\xb5\x2f\xfd", _packed_with(_("a zstd archive"), "unzstd")),
    (b"\x04\x22\x4d\x18", _packed_with(_("an lz4 archive"), "unlz4")),
    (b"\x1f\x9d", _packed_with(_("a compress archive"), "gunzip")),
    (b"7z\xbc\xaf\x27\x1c", _always(_("a 7z archive"), _SEVEN_ZIP)),
    (b"Rar!\x1a\x07", _always(_("a RAR archive"), _SEVEN_ZIP)),
    (b"%PDF-", _always(_("a PDF document"), _("Convert it to text: pdftotext FILE NEW"))),
    # pandoc loses letters of RTF.
    (b"{\\rtf", _always(_("an RTF document"), _("Save it as plain text where it was made."))),
    (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", _describe_ole),
    (b"SQLite format 3\x00",
    _always(_("a SQLite database"), _("Export a table: sqlite3 -csv FILE 'SELECT …'"))),
    (b"PAR1",
    _always(_("a Parquet file"), _("Save it as CSV: pandas.read_parquet(FILE).to_csv(NEW)"))),
    (b"\x89HDF\r\n\x1a\n", _always(_("an HDF5 file"), _("Save the series as CSV."))),
    (b"\x93NUMPY", _always(_("a NumPy array"), _("Save the series as CSV: numpy.savetxt."))),
    ((b"\x89PNG\r\n\x1a\n", b"\xff\xd8\xff", b"GIF87a", b"GIF89a", b"II*\x00", b"MM\x00*"), _IMAGE),
    ((b"OggS", b"ID3", b"fLaC", b"\xff\xfb"), _SOUND),
    ((b"\x7fELF", b"MZ\x90\x00"), _always(_("a program"), _TEXT_OR_TABLE)),
)  # fmt: skip
