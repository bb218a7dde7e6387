"""A bar that shows how many deals were drawn, if it is asked for."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager

from salesflow.errors import MissingExtraError


@contextmanager
def ticking(what: str, n_deals: int, *, shows: bool) -> Iterator[Callable[[int], None]]:
    """What to tell the number of deals drawn to.

    Raises:
        MissingExtraError: if a bar is asked for and rich is not installed.
    """
    if not shows:
        yield no_tick
        return
    try:
        from rich.console import Console
        from rich.progress import Progress
    except ImportError as error:
        msg = "cannot show progress: rich is not installed"
        hint = "pip install 'salesflow[cli]', or leave progress out."
        raise MissingExtraError(msg, hint=hint, library="rich") from error
    with Progress(console=Console(stderr=True)) as bar:
        task = bar.add_task(what, total=n_deals)
        yield lambda n: bar.advance(task, n)


def no_tick(n_deals: int) -> None:
    """Nobody wants to know."""
