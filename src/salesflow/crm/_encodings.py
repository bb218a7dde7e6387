"""In which encoding the bytes of a file are."""

import codecs
import io
from collections.abc import Iterator

from salesflow.crm._faults import unreadable
from salesflow.crm._files import File
from salesflow.errors import MissingExtraError, OptionError

_MARKS = (
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF32_LE, "utf-32-le"),  # before UTF-16, whose mark begins alike
    (codecs.BOM_UTF32_BE, "utf-32-be"),
    (codecs.BOM_UTF16_LE, "utf-16-le"),
    (codecs.BOM_UTF16_BE, "utf-16-be"),
)
_ARCHIVES = (
    (b"PK\x03\x04", "a zip archive, as Excel's workbooks are", "save the sheet as CSV."),
    (b"\xd0\xcf\x11\xe0", "an old Excel workbook", "save the sheet as CSV."),
    (b"\x1f\x8b", "compressed by gzip", "unpack it, or give gzip.open(path)."),
    (b"PAR1", "a Parquet file", "read it with a data-frame library, and give the frame."),
    (b"%PDF", "a PDF file", "export the data as CSV or JSON."),
)
_CODE_PAGES = (
    # What Excel and CRMs write where it is not UTF-8; those that hardly anybody writes are left
    # out, since a short text fits many of them.
    *("cp1252", "cp1250", "cp1251", "cp1253", "cp1254", "cp1255", "cp1256", "cp1257", "cp1258"),
    *("cp874", "mac_roman", "cp932", "euc_jp", "gb18030", "big5", "cp949"),
)
_USUAL = "cp1252"
_WIDE = frozenset({"cp932", "euc_jp", "gb18030", "big5", "cp949"})
_HEAD = 4_096
_SAMPLE = 65_536
_MUCH = 0.4
_LITTLE = 0.05
_MOSTLY = 10


def encoding_of(file: File, given: str | None) -> tuple[str, str | None]:
    """The encoding of a file, and what to tell of it.

    Definition: the encoding given; else what a mark at the beginning says; else UTF-16 if every
    second byte is nearly always zero; else UTF-8 if all of it is; else a guess from the lines that
    are not ASCII. A file that is nearly all UTF-8 is UTF-8 with a fault, which reading names.

    Raises:
        SourceError: if it is no text, or no encoding fits.
        OptionError: if there is no such encoding.
        MissingExtraError: if a guess is needed, and charset-normalizer is not installed.
    """
    head = _head(file)
    for mark, what, hint in _ARCHIVES:
        if head.startswith(mark):
            raise unreadable(file.name, f"it is {what}", hint=hint)
    marked = next((name for mark, name in _MARKS if head.startswith(mark)), None)
    if given is not None:
        name = _known(given)
        if name in ("utf-16", "utf-32"):
            # Without a mark Python takes the byte order of the machine, files that of Windows.
            name = marked or (name == "utf-16" and _wide_order(head)) or f"{name}-le"
        return name, None
    found = marked or _wide_order(head)
    if found is not None:
        return found, None if found == "utf-8" else f"it is read as {found}"
    if _is_utf8(file):
        return "utf-8", None
    return _guess(file)


def _head(file: File) -> bytes:
    head = b""
    for block in file.blocks():
        head += block
        if len(head) >= _HEAD:
            break
    return head[:_HEAD]


def _known(given: str) -> str:
    try:
        io.TextIOWrapper(io.BytesIO(), given)  # refuses those that give no text, such as base64
        codecs.getincrementaldecoder(given)
        return codecs.lookup(given).name
    except (LookupError, ValueError, TypeError) as error:
        msg = f"cannot read with the encoding {given!r}: Python knows no such encoding of texts"
        hint = "give a name such as 'utf-8', 'utf-16' or 'cp1252'."
        raise OptionError(msg, hint=hint, parameter="encoding", value=given) from error


def _wide_order(head: bytes) -> str | None:
    half = len(head) // 2
    if half == 0:
        return None
    first, second = head[: 2 * half : 2].count(0) / half, head[1 : 2 * half : 2].count(0) / half
    if second >= _MUCH and first <= _LITTLE:
        return "utf-16-le"
    return "utf-16-be" if first >= _MUCH and second <= _LITTLE else None


def _is_utf8(file: File) -> bool:
    decoder = codecs.getincrementaldecoder("utf-8")()
    try:
        for block in file.blocks():
            decoder.decode(block)
        decoder.decode(b"", final=True)
    except UnicodeDecodeError:
        return False
    return True


def _guess(file: File) -> tuple[str, str | None]:
    sample = b"".join(_telling_lines(file))
    text = sample.decode("utf-8", "replace")
    n_broken = text.count("\ufffd")
    if sum(not char.isascii() for char in text) - n_broken >= _MOSTLY * n_broken:
        return "utf-8", None
    if _is_usual(sample):
        return _USUAL, f"it is read as {_USUAL}, by its signs alone: encoding= says what it is"
    try:
        from charset_normalizer import from_bytes
    except ModuleNotFoundError:
        msg = f"cannot tell in which encoding '{file.name}' is: charset-normalizer is not installed"
        hint = "say encoding=, such as encoding='cp1252', or pip install 'salesflow[crm]'."
        raise MissingExtraError(msg, hint=hint, library="charset-normalizer") from None
    fits = [*from_bytes(sample, cp_isolation=[*_CODE_PAGES])]
    if not fits:
        hint = "say encoding=, such as encoding='cp1252'."
        raise unreadable(file.name, "it is in no encoding that could be told", hint=hint)
    best = fits[0]
    # Of equally good ones the first of the alphabet is first, and without a language all are equal.
    is_open = best.coherence == 0 and best.encoding not in _WIDE
    found = best.encoding
    for fit in fits:
        as_good = fit.chaos <= best.chaos and fit.coherence >= best.coherence
        if _USUAL in fit.could_be_from_charset and (is_open or as_good):
            found = _USUAL
            break
    return found, f"it is read as {found}, which is a guess: encoding= says what it is"


def _is_usual(sample: bytes) -> bool:
    """Whether it has no letters beyond ASCII, but signs such as € and – where Windows has them."""
    try:
        text = sample.decode(_USUAL)
    except UnicodeDecodeError:
        return False
    return not any(char.isalpha() for char in text if not char.isascii())


def _telling_lines(file: File) -> Iterator[bytes]:
    """Each line once that is not ASCII; a column's thousandth value says no more than its first."""
    seen: set[bytes] = set()
    size = 0
    for block in file.blocks():
        for line in block.splitlines(keepends=True):
            if not line.isascii() and line not in seen:
                seen.add(line)
                size += len(line)
                yield line
        if size >= _SAMPLE:
            return
