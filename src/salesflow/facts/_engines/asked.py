"""What is asked of an engine: one part of a query, over rows that are read and signed."""

from collections.abc import Mapping
from typing import Literal

import attrs

HALF = 10**6
"""Sums are given as two halves, the whole millions and the rest, so that none leaves 64 bits."""

RISK_BLOCK = 1024
"""So many times of events of a risk set are passed at once where nothing can be found in them."""


@attrs.frozen
class Asked:
    """One part of a query; all parts give the same columns.

    Args:
        number: which part it is.
        keys: the columns to group by, by the place of the key.
        bucket: the column of the periods to group by, too; None where a row is in no period.
        op: ``cells``, counts and sums by signature; or the middle ``values``, the ``risk`` at
            each event, or the ``distinct`` values of one column.
        column: that column; of cells, the column of currencies to group by, too.
        aggregates: of cells, the operations and their columns.
        pattern: of all but cells, the bits of the signature that say which rows count, and what
            they must be.
        is_one_cell: whether all rows of a group that count have the same signature.
    """

    number: int
    keys: Mapping[int, str]
    bucket: str | None
    op: Literal["cells", "values", "risk", "distinct"]
    column: str | None
    aggregates: tuple[tuple[str, str], ...] = ()
    pattern: tuple[int, int] = (0, 0)
    is_one_cell: bool = False

    @property
    def grouped_by(self) -> list[str]:
        """All columns that every part of this kind groups by."""
        return [*self.keys.values(), *([] if self.bucket is None else [self.bucket])]

    @property
    def chosen(self) -> str:
        """The column that says the same, for engines that do not gather."""
        return f"in_{self.number}"
