"""Files that are no UTF-8 text: read if their mark says what they are, else named, with advice that
works.
"""

import bz2
import codecs
import gzip
import io
import lzma
import re
import shutil
import subprocess
import tarfile
import zipfile
from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.data.reading import decode, decode_table, markup_of
from engine.errors import UsageError
from engine.sanitise import printable

SPANISH = (
    "El año pasado, la cigüeña volvió al campanario de la montaña.\nNadie lo sabía; ni el "
    "niño ni su madre.\n"
)
RUSSIAN = "Все люди рождаются свободными и равными в своём достоинстве и правах.\n" * 3
JAPANESE = (
    "すべての人間は、生まれながらにして自由であり、かつ、尊厳と権利とについて平等である。\n" * 3
)
MARKS = {
    "utf-8": codecs.BOM_UTF8,
    "utf-16-le": codecs.BOM_UTF16_LE,
    "utf-16-be": codecs.BOM_UTF16_BE,
    "utf-32-le": codecs.BOM_UTF32_LE,
    "utf-32-be": codecs.BOM_UTF32_BE,
}
TEXTS = st.text(st.characters(codec="utf-8", exclude_characters="\0\ufeff"), max_size=60)


def refusal(content: bytes) -> str:
    with pytest.raises(UsageError) as caught:
        decode(content, "f")
    return str(caught.value)


def follow(advice: str, content: bytes, folder: Path) -> bytes:
    """Do what an advice says: its command, with the names of files in the place of FILE, NEW and
    FOLDER.
    """
    command = re.search(r"((?:iconv|gunzip|bunzip2|unxz|tar|python3|tr|pandoc) [-<][^()]*)", advice)
    assert command, advice
    file, new, unpacked = folder / "some file", folder / "new", folder / "unpacked"
    file.write_bytes(content)
    unpacked.mkdir()
    words = (
        command[1]
        .replace("FILE", f"'{file}'")
        .replace("NEW", f"'{new}'")
        .replace("FOLDER", f"'{unpacked}'")
    )
    done = subprocess.run(
        ["sh", "-c", words], cwd=unpacked, capture_output=True, check=False, timeout=60
    )
    # iconv -c leaves out what is damaged, and says so by its status.
    assert done.returncode == 0 or "iconv -c" in words, done
    if new.exists():
        return new.read_bytes()
    (only,) = (path for path in unpacked.rglob("*") if path.is_file())
    return only.read_bytes()


@given(TEXTS, st.sampled_from(sorted(MARKS)))
def test_what_has_a_mark_is_read(text: str, encoding: str) -> None:
    # What begins with a mark of UTF-16 and a NUL character would be one of UTF-32.
    assert decode(MARKS[encoding] + text.encode(encoding), "f") == text


@pytest.mark.parametrize("encoding", ["utf-16-le", "utf-16-be", "utf-32-le", "utf-32-be"])
@pytest.mark.parametrize(
    "text", [SPANISH, RUSSIAN, JAPANESE], ids=["Spanish", "Russian", "Japanese"]
)
def test_what_lacks_its_mark_is_named_and_can_be_converted(
    encoding: str, text: str, tmp_path: Path
) -> None:
    content = text.encode(encoding)
    advice = refusal(content)
    assert f"it seems to be {encoding[:6].upper()} without a byte order mark." in advice
    assert follow(advice, content, tmp_path).decode() == text


@pytest.mark.parametrize(
    ("text", "encoding"),
    [
        (SPANISH, "latin1"),
        (SPANISH, "cp1252"),
        (SPANISH, "cp850"),
        ("Er sagte „Nein“ – und ging über die Straße nach Köln.\n", "cp1252"),
        ("“Don’t you think,” said the miller’s daughter, “that it’s late?”\n", "cp1252"),
        ("Le garçon a mangé un gâteau très sucré près de l'église où il était né.\n", "latin1"),
        ("Não há ação sem razão.\n", "latin1"),
        ("Zażółć gęślą jaźń. Wszyscy ludzie rodzą się wolni i równi.\n", "cp1250"),
        (RUSSIAN, "cp1251"),
        (RUSSIAN, "koi8-r"),
        (RUSSIAN, "iso8859-5"),
        ("Όλοι οι άνθρωποι γεννιούνται ελεύθεροι και ίσοι στην αξιοπρέπεια.\n", "iso8859-7"),
        (JAPANESE, "shift_jis"),
        (JAPANESE, "euc-jp"),
        (JAPANESE, "iso-2022-jp"),
        ("人人生而自由,在尊严和权利上一律平等。他们赋有理性和良心。\n" * 3, "gb18030"),
        ("人人生而自由,在尊嚴和權利上一律平等。\n" * 3, "big5"),
        ("모든 인간은 태어날 때부터 자유로우며 그 존엄과 권리에 있어 동등하다.\n" * 3, "euc-kr"),
    ],
)
def test_other_encodings_are_named_with_a_command_that_works(
    text: str, encoding: str, tmp_path: Path
) -> None:
    content = text.encode(encoding)
    advice = refusal(content)
    assert "f is not UTF-8 text: line 1." in advice
    assert follow(advice, content, tmp_path).decode() == text


def test_a_person_sees_what_the_text_would_be() -> None:
    assert "It may be cp1252, in which that line has “al señor Núñez”: iconv -f cp1252" in refusal(
        "uno\ndos\nal señor Núñez\n".encode("latin1")
    )


@pytest.mark.parametrize(
    ("content", "text"),
    [
        (SPANISH.encode()[:-1] + b"\xc3", SPANISH[:-1]),
        (SPANISH.encode() + "日".encode()[:2], SPANISH),
        (SPANISH.encode().replace(b"campanario", b"camp\xffanario"), SPANISH),
        (b"\xff\xfe" + SPANISH.encode("utf-16-le") + b"\x00\xd8a", SPANISH),
    ],
)
def test_what_is_damaged_is_read_without_the_damage(
    content: bytes, text: str, tmp_path: Path
) -> None:
    advice = refusal(content)
    assert "iconv -c" in advice
    assert follow(advice, content, tmp_path).decode().removeprefix("\ufeff").rstrip("a") in (
        text,
        text[:-1],
    )


def test_a_text_with_nul_bytes_is_read_without_them(tmp_path: Path) -> None:
    content = SPANISH.encode().replace(b"madre", b"ma\0dre")
    advice = refusal(content)
    assert "f, line 2: there is a NUL byte, which no text has." in advice
    assert follow(advice, content, tmp_path).decode() == SPANISH


def test_a_text_with_many_nul_bytes_is_no_utf_16() -> None:
    assert "is a binary file, not a text." in refusal(b"abc\0def\n" * 50)


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ('[{"date": "2020-01-01", "v": 5}]', "JSON: pandas.read_json(FILE).to_csv(NEW)"),
        ('[[1, 2],\n [3, 4]]', "JSON: pandas.read_json(FILE).to_csv(NEW)"),
        ('{"v": 5}\n{"v": 7}\n', "JSON: pandas.read_json(FILE, lines=True).to_csv(NEW)"),
        ('<?xml version="1.0"?>\n<a><b>5</b></a>\n', "XML: Save it as CSV where it was made."),
    ],
)  # fmt: skip
def test_what_is_nested_is_no_table(text: str, words: str) -> None:
    with pytest.raises(UsageError) as caught:
        decode_table(text.encode(), "f")
    kind, _colon, remedy = words.partition(": ")
    assert str(caught.value).startswith(f"f is {kind}, not a table. ")
    assert str(caught.value).endswith(remedy)


def zipped(**files: str) -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        for name, content in files.items():
            archive.writestr(name.replace("__", "/").replace("_", "."), content)
    return buffer.getvalue()


def tarred(content: bytes) -> bytes:
    buffer = io.BytesIO()
    with tarfile.open(fileobj=buffer, mode="w") as archive:
        member = tarfile.TarInfo("text.txt")
        member.size = len(content)
        archive.addfile(member, io.BytesIO(content))
    return buffer.getvalue()


PACKED: dict[str, Callable[[bytes], bytes]] = {
    "a gzip archive": gzip.compress,
    "a bzip2 archive": bz2.compress,
    "an xz archive": lzma.compress,
    "a tar archive": tarred,
    "a ZIP archive": lambda content: zipped(text_txt=content.decode()),
}


@pytest.mark.parametrize("kind", PACKED)
def test_what_is_packed_is_named_and_can_be_unpacked(kind: str, tmp_path: Path) -> None:
    content = PACKED[kind](SPANISH.encode())
    advice = refusal(content)
    assert advice.startswith(f"f is {kind}, not a text. ")
    assert follow(advice, content, tmp_path).decode() == SPANISH


DOCUMENTS = {
    "an EPUB book": zipped(mimetype="application/epub+zip", c1_xhtml="<p>x</p>"),
    "a Word document": zipped(word__document_xml="<w/>"),
    "an OpenDocument text": zipped(mimetype="application/vnd.oasis.opendocument.text"),
    "an Excel workbook": zipped(xl__workbook_xml="<w/>"),
    "an OpenDocument workbook": zipped(mimetype="application/vnd.oasis.opendocument.spreadsheet"),
    "a PDF document": b"%PDF-1.7\n%\xe2\xe3\xcf\xd3\n",
    "an RTF document": b"{\\rtf1\\ansi caf\\'e9}",
    "a document of Microsoft Office": b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(600),
    "a SQLite database": b"SQLite format 3\0" + bytes(90),
    "a zstd archive": b"\x28\xb5\x2f\xfd\x04\x00\x01\x00\x00",
    "a 7z archive": b"7z\xbc\xaf\x27\x1c\x00\x04",
    "a picture": b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR",
    "a binary file": bytes(range(256)) * 4,
}


@pytest.mark.parametrize("kind", DOCUMENTS)
def test_documents_and_binary_files_are_named_and_never_converted(kind: str) -> None:
    advice = refusal(DOCUMENTS[kind])
    assert advice.startswith(f"f is {kind}, not a text. ")
    assert "iconv" not in advice


@pytest.mark.skipif(shutil.which("pandoc") is None, reason="there is no pandoc here")
@pytest.mark.parametrize("kind", ["epub", "docx", "odt"])
def test_pandoc_makes_a_text_of_documents(kind: str, tmp_path: Path) -> None:
    (tmp_path / "f.md").write_text(f"---\ntitle: T\n---\n\n{SPANISH}")
    subprocess.run(["pandoc", "f.md", "-o", f"f.{kind}"], cwd=tmp_path, check=True, timeout=60)
    content = (tmp_path / f"f.{kind}").read_bytes()
    text = follow(refusal(content), content, tmp_path).decode()
    assert "la cigüeña volvió al campanario de la montaña." in " ".join(text.split())


@given(st.binary(max_size=400))
def test_whatever_the_bytes_they_are_a_text_or_refused_in_a_sentence(content: bytes) -> None:
    refused = None
    try:
        text = decode(content, "f")
    except UsageError as error:
        refused, text = error, ""
    assert "\0" not in text
    if refused:
        assert printable(str(refused)) == str(refused)
        assert refused.remedy


PAGE = (
    "\n<!DOCTYPE html>\n<html "
    'lang="en"><head><title>x</title></head><body><p>Hello</p></body></html>\n'
)
NOTEBOOK = '{\n "cells": [{"cell_type": "code", "source": ["x = 1"]}],\n "metadata": {},\n "nbformat": 4\n}\n'  # noqa: E501


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        (PAGE, "an HTML page"),
        ("<HTML>\n", "an HTML page"),
        (
            '<?xml version="1.0"?>\n<!-- saved -->\n<html xmlns="http://www.w3.org/1999/xhtml">',
            "an HTML page",
        ),
        (NOTEBOOK, "a Jupyter notebook"),
    ],
)
def test_pages_and_notebooks_are_texts_and_no_tables(text: str, kind: str) -> None:
    markup = markup_of(decode(text.encode(), "f"))
    assert markup is not None
    assert markup[0] == kind
    with pytest.raises(UsageError, match=f"f is {kind}, not a table"):
        decode_table(text.encode(), "f")


@pytest.mark.parametrize(
    "text", [SPANISH, "", "a < b", "<htmlx>", "{}", '{"cells": []}', "I wrote <html> once."]
)
def test_other_texts_are_neither(text: str) -> None:
    assert markup_of(text) is None


def test_many_comments_before_no_page_are_read_in_one_way() -> None:
    # A pattern that tried every way of splitting them would never come back.
    assert markup_of("<!-- a -->\n" * 100 + "x") is None
    page = markup_of("<!-- a -->\n" * 100 + "<html>")
    assert page is not None
    assert page[0] == "an HTML page"
