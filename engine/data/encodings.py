"""Texts that are not UTF-8: those decodable for certain, and a guess at the encoding of others.

The guess is left to a person to judge.
"""

import codecs
import re
import unicodedata

from engine.data.file_kinds import looks_binary

_MARKS = (
    # The mark of UTF-16 begins that of UTF-32.
    (codecs.BOM_UTF32_LE, "utf-32-le"),
    (codecs.BOM_UTF32_BE, "utf-32-be"),
    (codecs.BOM_UTF16_LE, "utf-16-le"),
    (codecs.BOM_UTF16_BE, "utf-16-be"),
    (codecs.BOM_UTF8, "utf-8"),
)
_UNMARKED = ("utf-32-le", "utf-32-be", "utf-16-le", "utf-16-be")
# The encodings of people's files, by names that iconv takes too. The detector knows many others,
# and mistakes texts in these for them.
_COMMON = (
    "cp1252", "cp1250", "cp1251", "cp1253", "cp1254", "cp1255", "cp1256", "koi8_r", "iso8859_2",
    "iso8859_5",
    "iso8859_7", "cp866", "cp850", "mac_roman", "shift_jis", "euc_jp", "gb18030", "big5", "euc_kr",
)  # fmt: skip
_LATIN = ("cp1252", "cp1250", "cp1254", "iso8859_2", "cp850", "mac_roman")
_FEW = 4
_ICONV = {"mac_roman": "macintosh", "shift_jis": "shift_jis"}
_PUNCTUATION = "“”„‘‚«»‹›–—…¿¡€£°ªº§·•\u00a0\u3000、。「」『』，；：！？（）"
_SAMPLE = 2**15
_DAMAGED_SHARE = 0.25


def marked_encoding(content: bytes) -> tuple[str, bytes] | None:
    """Return the encoding that a byte order mark states, and what follows it; None if unmarked."""
    for mark, encoding in _MARKS:
        if content.startswith(mark):
            return encoding, content[len(mark) :]
    return None


def unmarked_encoding(content: bytes) -> str | None:
    """Return iconv's name of the UTF-16 or UTF-32 in which unmarked bytes are plain text.

    None if the bytes contain no NULs or are text in neither.
    """
    without_nulls = content.replace(b"\0", b"")
    nulls = len(content) - len(without_nulls)
    # In UTF-16 every other byte of plain letters is a NUL.
    if not nulls or (
        nulls < 0.4 * len(content) and _is_utf8(without_nulls) and not looks_binary(without_nulls)
    ):
        return None
    for encoding in _UNMARKED:
        width = 4 if "32" in encoding else 2
        sample = content[: _SAMPLE - _SAMPLE % width]
        try:
            text = codecs.getincrementaldecoder(encoding)("strict").decode(
                sample, final=len(content) <= len(sample)
            )
        except UnicodeDecodeError:
            continue
        # Bytes that are not text soon decode to an unassigned code point.
        kinds = {unicodedata.category(char) for char in text if char not in "\t\n\r\f\ufeff"}
        if text and not kinds & {"Cc", "Cn", "Co", "Cs"}:
            return encoding.replace("-le", "le").replace("-be", "be")
    return None


def is_damaged_utf8(content: bytes) -> bool:
    """Tell UTF-8 with some bad bytes, or cut inside a character, from other encodings."""
    text = content.decode("utf-8", "replace")
    bad = text.count("\ufffd") - content.count("\ufffd".encode())
    good = sum(not char.isascii() for char in text) - bad
    is_cut = bad == 1 and text.endswith("\ufffd") and 0xC2 <= max(content[-3:]) <= 0xF4
    return is_cut or bad <= good * _DAMAGED_SHARE


def guess_encoding(content: bytes, position: int) -> str | None:
    """Return the likely encoding of bytes that are not UTF-8 at ``position``.

    The name is one that both Python and iconv take; None if no common encoding fits. Single-byte
    encodings are easily mistaken for one another.
    """
    # Imported late: it loads tables of many languages.
    from charset_normalizer import from_bytes

    sample = _lines_around(content, position)
    likely = [match.encoding for match in from_bytes(sample, cp_isolation=list(_COMMON))]
    beyond = len(re.findall(rb"[\x80-\xff]", sample))
    if beyond < len(re.findall(rb"[A-Za-z0-9]", sample)):
        # Mostly ASCII: a Latin script. The detector mistakes its encodings for one another.
        latin = [encoding for encoding in likely if encoding in _LATIN]
        prefers_cp1252 = (
            "cp1252" in latin
            or beyond < _FEW
            or not latin
            or _decodes_alike(sample, "cp1252", latin[0])
        )
        likely = ["cp1252", *latin] if prefers_cp1252 else [*latin, "cp1252"]
    if not likely:
        return None
    best = max(likely, key=lambda encoding: _share_of_letters(sample, encoding))
    return _ICONV.get(best, best.replace("_", "-"))


def _share_of_letters(content: bytes, encoding: str) -> float:
    """Return the share of non-ASCII characters that are letters or plausible punctuation.

    -1 if the bytes can't be decoded.
    """
    try:
        text = content.decode(encoding)
    except UnicodeDecodeError:
        return -1.0
    beyond = [index for index, char in enumerate(text) if not char.isascii()]
    good = 0
    for index in beyond:
        inside = text[index - 1 : index].isalpha() and text[index + 1 : index + 2].isalpha()
        char = text[index]
        good += (
            unicodedata.category(char)[0] in "LM"
            or char == "’"
            or (not inside and char in _PUNCTUATION)
        )
    return round(good / max(1, len(beyond)), 1)


def _lines_around(content: bytes, position: int) -> bytes:
    begin = content.rfind(b"\n", 0, max(0, position - _SAMPLE)) + 1
    end = content.find(b"\n", position + _SAMPLE)
    return content[begin : end if 0 <= end < position + 2 * _SAMPLE else position + _SAMPLE]


def _decodes_alike(content: bytes, first: str, second: str) -> bool:
    try:
        return content.decode(first) == content.decode(second)
    except UnicodeDecodeError:
        return False


def _is_utf8(content: bytes) -> bool:
    try:
        content.decode()
    except UnicodeDecodeError:
        return False
    return True
