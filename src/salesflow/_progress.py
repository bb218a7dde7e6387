"""A bar that shows how far a long run is, if it is asked for."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager

from salesflow.errors import MissingExtraError


@contextmanager
def ticking(
    what: str, unit: str, n_all: int | None, *, shows: bool
) -> Iterator[Callable[[int], None]]:
    """What to tell how many more are done.

    Args:
        what: what is done.
        unit: what is counted.
        n_all: how many there are; None if nobody knows.
        shows: whether there is a bar at all, on standard error.

    Raises:
        MissingExtraError: if a bar is asked for and rich is not installed.
    """
    if not shows:
        yield no_tick
        return
    try:
        from rich.console import Console
        from rich.progress import BarColumn, Progress, TextColumn, TimeElapsedColumn
    except ImportError as error:
        msg = "cannot show progress: rich is not installed"
        hint = "pip install 'salesflow[cli]', or leave progress out."
        raise MissingExtraError(msg, hint=hint, library="rich") from error
    bars = () if n_all is None else (BarColumn(),)
    counts = TextColumn(f"{{task.completed:,}} {unit}")
    words = TextColumn("{task.description}")
    with Progress(words, *bars, counts, TimeElapsedColumn(), console=Console(stderr=True)) as bar:
        task = bar.add_task(what, total=n_all)
        yield lambda n: bar.advance(task, n)


def no_tick(n: int) -> None:
    """Nobody wants to know."""
