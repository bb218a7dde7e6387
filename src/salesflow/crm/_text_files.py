"""`TextFile`: the text of a file, block by block, with nothing in it that is no text."""

import codecs
import io
from collections.abc import Iterator
from itertools import chain

import attrs

from salesflow.crm._encodings import encoding_of
from salesflow.crm._faults import unreadable
from salesflow.crm._files import File
from salesflow.crm._limits import BLOCK
from salesflow.errors import OptionError, SourceError

_MARK = "\ufeff"


@attrs.frozen
class TextFile:
    """What a file says."""

    _file: File
    encoding: str
    """What its bytes are in; of no account if it gives texts."""
    notes: tuple[str, ...] = ()

    @property
    def name(self) -> str:
        """What messages call it."""
        return self._file.name

    def blocks(self) -> Iterator[str]:
        """The text from its beginning, without the mark that may stand there.

        Raises:
            SourceError: if the encoding does not fit, or there is a NUL or half of a pair of
                surrogates; naming the line.
        """
        size = 0
        for text in self._texts():
            block = text if size else text.lstrip(_MARK)
            if "\0" in block:
                raise self._unfit(size + text.index("\0"), "there is a NUL, so this is no text")
            if not block.isascii():
                self._refuse_halves(size, text)
            size += len(text)
            if block:
                yield block

    def head(self) -> tuple[str, bool]:
        """The beginning of the text, and whether that is all of it."""
        head = ""
        for block in self.blocks():
            head += block
            if len(head) >= BLOCK:
                return head, False
        return head, True

    def _texts(self) -> Iterator[str]:
        return self._file.blocks() if self._file.is_text else self._decoded()

    def _decoded(self) -> Iterator[str]:
        decoder = codecs.getincrementaldecoder(self.encoding)()
        size = 0
        for block in chain(self._file.blocks(), [b""]):
            try:
                text = decoder.decode(block, final=not block)
            except UnicodeDecodeError as error:
                before = error.object[: error.start].decode(self.encoding, "ignore")
                yield before
                raise self._undecodable(size + len(before)) from error
            except UnicodeError as error:
                raise unreadable(self.name, str(error)) from error
            size += len(text)
            yield text

    def _undecodable(self, place: int) -> SourceError:
        hint = "say encoding=, such as encoding='cp1252', or correct that line."
        return self._unfit(place, f"what stands there is not {self.encoding}", hint)

    def _refuse_halves(self, size: int, text: str) -> None:
        try:
            text.encode("utf-8")
        except UnicodeEncodeError as error:
            fact = "there is half of a pair of surrogates, so this is no text"
            raise self._unfit(size + error.start, fact) from error

    def _unfit(self, place: int, fact: str, hint: str | None = None) -> SourceError:
        return unreadable(self.name, fact, at=self._line_at(place), hint=hint)

    def _line_at(self, place: int) -> int:
        """The line of a character; lines are not counted while all goes well."""
        lines = io.IncrementalNewlineDecoder(None, translate=True)
        n_ends, left = 0, place
        texts = self._texts()
        while left > 0:
            text = next(texts)
            n_ends += lines.decode(text[:left]).count("\n")
            left -= len(text)
        return 1 + n_ends + lines.decode("", final=True).count("\n")


def text_file(file: File, encoding: str | None) -> TextFile:
    """A file as text.

    Args:
        file: the file.
        encoding: what its bytes are in, if the caller knows.

    Raises:
        SourceError: if it is no text.
        OptionError: if there is no such encoding, or nothing to decode.
        MissingExtraError: if only a guess can tell, and charset-normalizer is not installed.
    """
    if not file.was_text:
        found, note = encoding_of(file, encoding)
        return TextFile(file, found, () if note is None else (note,))
    if encoding is not None:
        msg = f"cannot read {file.name} with encoding={encoding!r}: it was opened as text"
        hint = "open it as 'rb', or leave encoding= out."
        raise OptionError(msg, hint=hint, parameter="encoding", value=encoding)
    return TextFile(file, "utf-8")
