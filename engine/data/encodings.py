"""Texts that are no UTF-8: what can be read without a guess, and a guess for the others, which a
person must judge.
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
# What people's files are in, by the names that iconv takes too. The detector knows many others, and
# finds them in texts of these.
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
    """Return the encoding that a file's byte order mark says and what follows the mark; None
    without one.
    """
    for mark, encoding in _MARKS:
        if content.startswith(mark):
            return encoding, content[len(mark) :]
    return None


def unmarked_encoding(content: bytes) -> str | None:
    """Return the UTF-16 or UTF-32 in which bytes with NULs and without a mark are plain text, by
    iconv's name.

    None if they are in neither.
    """
    others = content.replace(b"\0", b"")
    nulls = len(content) - len(others)
    # In UTF-16 every other byte of plain letters is one.
    if not nulls or (nulls < 0.4 * len(content) and _is_utf8(others) and not looks_binary(others)):
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
        # Bytes that are no text soon give a code point that nobody has assigned.
        kinds = {unicodedata.category(char) for char in text if char not in "\t\n\r\f\ufeff"}
        if text and not kinds & {"Cc", "Cn", "Co", "Cs"}:
            return encoding.replace("-le", "le").replace("-be", "be")
    return None


def is_damaged_utf8(content: bytes) -> bool:
    """Tell UTF-8 with some bad bytes, or cut in the middle of a character, from other encodings."""
    text = content.decode("utf-8", "replace")
    bad = text.count("\ufffd") - content.count("\ufffd".encode())
    good = sum(not char.isascii() for char in text) - bad
    is_cut = bad == 1 and text.endswith("\ufffd") and 0xC2 <= max(content[-3:]) <= 0xF4
    return is_cut or bad <= good * _DAMAGED_SHARE


def guess_encoding(content: bytes, position: int) -> str | None:
    """Return the likely encoding of bytes of which that at ``position`` is no UTF-8; None if no
    common one fits.

    The name is one that both Python and iconv take. Single-byte encodings are easily taken for one
    another.
    """
    # It brings tables of many languages.
    from charset_normalizer import from_bytes

    sample = _lines_around(content, position)
    likely = [match.encoding for match in from_bytes(sample, cp_isolation=list(_COMMON))]
    beyond = len(re.findall(rb"[\x80-\xff]", sample))
    if beyond < len(re.findall(rb"[A-Za-z0-9]", sample)):
        # Mostly ASCII: a Latin script. The detector takes its encodings for one another.
        latin = [encoding for encoding in likely if encoding in _LATIN]
        usual = (
            "cp1252" in latin
            or beyond < _FEW
            or not latin
            or _decodes_alike(sample, "cp1252", latin[0])
        )
        likely = ["cp1252", *latin] if usual else [*latin, "cp1252"]
    if not likely:
        return None
    best = max(likely, key=lambda encoding: _share_of_letters(sample, encoding))
    return _ICONV.get(best, best.replace("_", "-"))


def _share_of_letters(content: bytes, encoding: str) -> float:
    """Return how many of the characters beyond ASCII are letters, or punctuation where it may
    stand; -1 for no text.
    """
    try:
        text = content.decode(encoding)
    except UnicodeDecodeError:
        return -1.0
    beyond = [at for at, char in enumerate(text) if not char.isascii()]
    good = 0
    for at in beyond:
        inside = text[at - 1 : at].isalpha() and text[at + 1 : at + 2].isalpha()
        char = text[at]
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


def _decodes_alike(content: bytes, one: str, other: str) -> bool:
    try:
        return content.decode(one) == content.decode(other)
    except UnicodeDecodeError:
        return False


def _is_utf8(content: bytes) -> bool:
    try:
        content.decode()
    except UnicodeDecodeError:
        return False
    return True
