"""A bar that shows how many rows were read, if it is asked for."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager

from salesflow.errors import MissingExtraError


@contextmanager
def ticking(name: str, *, shows: bool) -> Iterator[Callable[[int], None]]:
    """What to tell the number of rows read to.

    Raises:
        MissingExtraError: if a bar is asked for and rich is not installed.
    """
    if not shows:
        yield no_tick
        return
    try:
        from rich.console import Console
        from rich.progress import Progress, TextColumn, TimeElapsedColumn
    except ImportError as error:
        msg = "cannot show progress: rich is not installed"
        hint = "pip install 'salesflow[cli]', or leave progress out."
        raise MissingExtraError(msg, hint=hint, library="rich") from error
    columns = (TextColumn("{task.description}"), TextColumn("{task.completed:,} rows"))
    with Progress(*columns, TimeElapsedColumn(), console=Console(stderr=True)) as bar:
        task = bar.add_task(f"reading {name}", total=None)
        yield lambda n_rows: bar.advance(task, n_rows)


def no_tick(n_rows: int) -> None:
    """Nobody wants to know."""
