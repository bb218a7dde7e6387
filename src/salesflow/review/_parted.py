"""Breakdowns of several things at once, each by columns of its own."""

from typing import Any, Generic

import attrs

from salesflow.metrics import Breakdown
from salesflow.metrics.results import R


@attrs.frozen(eq=False, repr=False)
class Parted(Breakdown[R], Generic[R]):
    """A result for each ``(name, group)``; a group by several columns is a tuple."""

    def _shown_key(self, key: Any) -> dict[str, str | None]:
        name, group = key
        several = ", ".join(map(str, group)) if isinstance(group, tuple) else group
        return super()._shown_key((name, several))
