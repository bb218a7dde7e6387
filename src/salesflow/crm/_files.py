"""`File`: a file, by its path or opened by the caller, that can be read again and again."""

import io
import os
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, nullcontext
from pathlib import Path
from typing import Any

import attrs

from salesflow.crm._faults import changed, unreadable
from salesflow.crm._limits import BLOCK


@attrs.define
class File:
    """Gives what a file holds, block by block, from its beginning.

    Args:
        name: what messages call it.
        opened: opens it at its beginning; a file of the caller's stays open afterwards.
        is_text: whether it gives texts, not bytes.
        was_text: whether the caller opened it as text, so that nothing is to be decoded.
        is_shared: whether all passes read through one position.
    """

    name: str
    _opened: Callable[[], AbstractContextManager[Any]]
    is_text: bool = False
    was_text: bool = False
    is_shared: bool = False
    _n_passes: int = attrs.field(default=0, init=False)
    _size: int | None = attrs.field(default=None, init=False)

    def blocks(self) -> Iterator[Any]:
        """Each block, never an empty one.

        Raises:
            SourceError: if it cannot be read, or is not as long as the last time.
        """
        self._n_passes += 1
        this_pass, size = self._n_passes, 0
        with self._opened() as file:
            while block := block_of(self.name, file, self.is_text):
                size += len(block)
                yield block
                if self.is_shared and self._n_passes != this_pass:
                    fact = "it is being read anew, and a file has one position"
                    raise unreadable(self.name, fact, hint="finish one pass before the next.")
        if self._size not in (None, size):
            raise changed(self.name)
        self._size = size


def path_file(path: "str | os.PathLike[Any]", name: str | None) -> File:
    """The file at a path; it is opened for each pass."""
    where = Path(os.fsdecode(path))
    called = name or where.name or str(where)
    size: int | None = None

    def opened() -> io.BufferedReader:
        nonlocal size
        file = _open(where, called)
        found = os.fstat(file.fileno()).st_size
        if size not in (None, found):
            file.close()
            raise changed(called)
        size = found
        return file

    with opened() as file:
        if not file.seekable():  # a pipe that has a path
            return _held(called, file, is_text=False)
    return File(called, opened)


def _open(path: Path, name: str) -> io.BufferedReader:
    hint = "a str is a path; give a text itself as io.StringIO(text)."
    try:
        return path.open("rb")
    except FileNotFoundError as error:
        raise unreadable(name, "there is no such file", hint=hint) from error
    except OSError as error:
        fact = (error.strerror or str(error)).lower()
        # Windows says of a folder that reading it is not permitted.
        if isinstance(error, IsADirectoryError | PermissionError) and path.is_dir():
            fact = "it is a folder"
        raise unreadable(name, fact) from error
    except ValueError as error:  # a NUL in the path
        raise unreadable(name, str(error), hint=hint) from error


def open_file(file: Any, name: str | None) -> File:
    """A file that the caller opened: read from where it stands, held whole if it cannot go back."""
    called = name or _name_of(file)
    is_text = isinstance(_call(called, lambda: file.read(0)), str)
    if not _call(called, lambda: hasattr(file, "seekable") and file.seekable()):
        return _held(called, file, is_text=is_text)
    start = _call(called, file.tell)

    def opened() -> AbstractContextManager[Any]:
        _call(called, lambda: file.seek(start))
        return nullcontext(file)

    return File(called, opened, is_text=is_text, was_text=is_text, is_shared=True)


def _held(name: str, file: Any, *, is_text: bool) -> File:
    held = io.BytesIO()
    while block := block_of(name, file, is_text):
        # A text as bytes takes a quarter of the memory; half of a pair is refused when it is read.
        held.write(block.encode("utf-8", "surrogatepass") if is_text else block)

    def opened() -> AbstractContextManager[Any]:
        held.seek(0)
        return nullcontext(held)

    return File(name, opened, was_text=is_text, is_shared=True)


def block_of(name: str, file: Any, is_text: bool) -> Any:  # noqa: FBT001 - called for each block
    """The next block of an open file, empty at its end.

    Raises:
        SourceError: whatever the file raises, and if it gives no bytes where it gave bytes.
    """
    block = _call(name, lambda: file.read(BLOCK))
    if is_text and isinstance(block, str):
        return block
    if not is_text and isinstance(block, bytes | bytearray | memoryview):
        return bytes(block)
    raise unreadable(name, f"it gave {type(block).__name__}, no {'text' if is_text else 'bytes'}")


def _call(name: str, act: Callable[[], Any]) -> Any:
    try:
        return act()
    except UnicodeError as error:
        fact = f"it was opened as text, and does not hold that: {error}"
        raise unreadable(name, fact, hint="open it as 'rb', or say encoding=.") from error
    except Exception as error:  # a caller's file may be anything: a broken gzip, a lost connection
        fact = f"reading failed: {str(error) or type(error).__name__}"
        raise unreadable(name, fact) from error


def _name_of(file: Any) -> str:
    name = getattr(file, "name", None)
    if isinstance(name, str) and name:
        return name if name.startswith("<") else Path(name).name
    return "<file>"
