"""`BadCell`: a cell that does not hold what its column should; and many cells as one text."""

from collections.abc import Sequence

import attrs

from salesflow.crm._table import Cell


@attrs.frozen
class BadCell:
    """Takes the place of the value of a cell that cannot be read, and says why."""

    fact: str
    """As a message ends: ``'12/13/2024' is no date as d/m/y``."""


def as_lines(cells: Sequence[Cell]) -> str | None:
    """Cells as the lines of one text, so that one pattern tells of all; None if they are none."""
    try:
        text = "\n".join(cells) + "\n"
    except TypeError:  # not all of them are texts
        return None
    return text if text.count("\n") == len(cells) else None
