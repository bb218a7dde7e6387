"""`Curve`: a result that is a table with a row for each time."""

from abc import abstractmethod
from collections.abc import Mapping, Sequence
from typing import Any

import attrs

from salesflow.metrics import Result

_SHOWN = 12


@attrs.frozen(kw_only=True)
class Curve(Result):
    """A result with a row for each time; a table that people see has some of them."""

    @abstractmethod
    def _columns(self) -> Mapping[str, Sequence[Any]]:
        """The columns, by name, the time first."""

    def to_dicts(self) -> list[dict[str, Any]]:
        """A row for each time."""
        columns = self._columns()
        return [
            {**dict(zip(columns, row, strict=True)), "as_of": self.as_of}
            for row in zip(*columns.values(), strict=True)
        ]

    def _shown_rows(self) -> list[dict[str, Any]]:
        rows = self.to_dicts()
        step = -(-len(rows) // _SHOWN) or 1
        places = [*range(0, len(rows), step)]
        if rows and places[-1] < len(rows) - 1:
            places.append(len(rows) - 1)
        return [{name: rows[n][name] for name in self._columns()} for n in places]

    def _template(self) -> tuple[dict[str, Any], dict[str, str]]:
        first, *others = self._columns()
        kinds = {first: self._time_kind(), **dict.fromkeys(others, "float"), "as_of": "instant"}
        return dict.fromkeys([first, *others, "as_of"]), kinds

    @staticmethod
    def _time_kind() -> str:
        return "float"
