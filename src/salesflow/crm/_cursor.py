"""`Cursor`: JSON read value by value from a text that is never held whole."""

import json
import re
from collections.abc import Iterator
from decimal import MAX_EMAX, MAX_PREC, MIN_EMIN, Context, InvalidOperation, Overflow, Underflow
from typing import Any

from salesflow.crm._faults import unreadable
from salesflow.crm._limits import BLOCK, MAX_DEPTH, MAX_RECORD, MAX_VALUES
from salesflow.crm._text_files import TextFile
from salesflow.errors import SourceError

_BLANKS = re.compile(r"[ \t\n\r]*")
_LONGEST_TOKEN = 12  # a pair of escapes; strings are told from it by their own message
_LONGEST_TAIL = 3  # what of a number may look like its end: 1 of 1e+5
_EXACT = Context(
    prec=MAX_PREC, Emax=MAX_EMAX, Emin=MIN_EMIN, traps=[InvalidOperation, Overflow, Underflow]
)


class TooLongError(Exception):
    """A value is longer than a record may be."""


class _NoNumberError(ValueError):
    """A word that Python's JSON knows, and JSON does not."""


def _refuse(word: str) -> Any:
    raise _NoNumberError(word)


# The context of the caller would round, or make a NaN of what is too large.
_DECODER = json.JSONDecoder(parse_float=_EXACT.create_decimal, parse_constant=_refuse)


class Cursor:
    """A place in a text of JSON.

    Args:
        text: the file; it is read from its beginning.
    """

    def __init__(self, text: TextFile) -> None:
        """Stand before the first value."""
        self.number = 0
        """The item that is being read, for messages."""
        self.n_read = 0
        """How much of the text is read. [characters]"""
        self._name = text.name
        self._blocks = text.blocks()
        self._text = ""
        self._at = 0
        self._is_end = False

    def peek(self) -> str:
        """The next character that is no blank; none at the end."""
        while True:
            match = _BLANKS.match(self._text, self._at)
            self._at = self._at if match is None else match.end()
            if self._at < len(self._text):
                return self._text[self._at]
            if self._is_end:
                return ""
            self._read_on(1)

    def take(self, known: str) -> str:
        """Go over one of these characters, which comes next.

        Raises:
            SourceError: if another one does.
        """
        found = self.peek()
        if not found or found not in known:
            wanted = " or ".join(repr(char) for char in known)
            what = f"{found!r}, not {wanted}, comes next" if found else f"it ends before {wanted}"
            raise self.broken(what)
        self._at += 1
        return found

    def value(self) -> Any:
        """The next value.

        Raises:
            SourceError: if there is none, or it is nested too deep.
            TooLongError: if it is longer than a record; the cursor stays before it.
        """
        self.peek()
        while (found := self._decoded()) is None:
            self._grow()
        value, self._at = found
        return value

    def _decoded(self) -> tuple[Any, int] | None:
        """The next value and where it ends; None if more of the text is needed to tell."""
        try:
            found = _DECODER.raw_decode(self._text, self._at)
        except json.JSONDecodeError as error:
            is_cut = self._is_cut(error)
            if is_cut and not self._is_end:
                return None
            what = "it ends within a value" if is_cut else error.msg
            raise self.broken(what) from error
        except _NoNumberError as error:
            what = f"{error} is no number"
            raise self.broken(what) from error
        except (ValueError, ArithmeticError) as error:
            what = "a number has too many digits"
            raise self.broken(what) from error
        except RecursionError as error:
            fact = f"values are nested more than {MAX_DEPTH} deep"
            raise unreadable(self._name, fact, at=self._item, unit="item") from error
        is_sure = self._is_end or len(self._text) - found[1] >= _LONGEST_TAIL
        return found if is_sure else None

    def _is_cut(self, error: json.JSONDecodeError) -> bool:
        if error.msg.startswith("Unterminated string"):
            return True
        # At the end of the file nothing can be missing of a word or an escape but all that follows.
        n_missing = 0 if self._is_end else _LONGEST_TOKEN
        return error.pos >= len(self._text.rstrip()) - n_missing

    def _grow(self) -> None:
        size = len(self._text) - self._at
        if size > BLOCK:
            n_values = sum(self._text.count(mark, self._at) for mark in ",[{")
            if size > MAX_RECORD or n_values > MAX_VALUES:
                raise TooLongError
        self._read_on(max(BLOCK, size // 2))

    def _read_on(self, size: int) -> None:
        parts = [self._text[self._at :]]
        while size > 0:
            block = next(self._blocks, None)
            if block is None:
                self._is_end = True
                break
            parts.append(block)
            self.n_read += len(block)
            size -= len(block)
        self._text, self._at = "".join(parts), 0

    def members(self) -> Iterator[str]:
        """Each key of an object; its value is to be read before the next is asked for."""
        self.take("{")
        if self.peek() == "}":
            self.take("}")
            return
        while True:
            if self.peek() != '"':
                self.take('"')
            try:
                key: str = self.value()
            except TooLongError:
                raise self.too_long() from None
            self.take(":")
            yield key
            if self.take(",}") == "}":
                return

    def elements(self) -> Iterator[None]:
        """Each place of a list; its value is to be read before the next is asked for."""
        self.take("[")
        if self.peek() == "]":
            self.take("]")
            return
        while True:
            yield None
            if self.take(",]") == "]":
                return

    def skip(self, depth: int = 0) -> None:
        """Go over a value, however long it is."""
        try:
            self.value()
        except TooLongError:
            if depth > MAX_DEPTH or self.peek() not in "[{":
                raise self.too_long() from None
            for _ in self.members() if self.peek() == "{" else self.elements():
                self.skip(depth + 1)

    def item(self) -> Any:
        """The next value, which is an item.

        Raises:
            SourceError: if there is none, or it is nested too deep, or longer than a record.
        """
        self.number += 1
        try:
            return self.value()
        except TooLongError:
            raise self.too_long() from None

    @property
    def _item(self) -> int | None:
        return self.number or None

    def too_long(self) -> SourceError:
        """The error of a value that is too long."""
        fact = f"a value has more than {MAX_RECORD:,} characters or {MAX_VALUES:,} values in it"
        return unreadable(self._name, fact, at=self._item, unit="item")

    def broken(self, what: str) -> SourceError:
        """The error of a text that is no JSON."""
        hint = "a file that was cut off is to be exported anew; delimiter= reads it as CSV."
        fact = f"it is no valid JSON: {what}"
        return unreadable(self._name, fact, at=self._item, unit="item", hint=hint)
