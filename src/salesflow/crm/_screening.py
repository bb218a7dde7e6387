"""`Screen`: which rows of an export are no deals, and all that is wrong with each of them."""

from collections.abc import Iterator, Mapping, MutableMapping, Sequence
from itertools import count
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from salesflow.crm._fields import Values
    from salesflow.crm._places import Verdict
    from salesflow.crm._table import Chunk
    from salesflow.crm.systems._system import System

Fault = tuple[str | None, str]
"""A column, if it is the fault of one, and a fact."""

Faults = MutableMapping[int, list[Fault]]
"""What is wrong with rows, by their places in a chunk."""

_DELETED = "deleted"
"""A status that some systems show a deal in for a while after it was deleted."""


class Screen:
    """Tells rows that are deals from those that are none; knows the ids of the deals so far.

    Args:
        columns: for each field the column that holds it.
        system: whose export it is.
        refused: ids that are no deals of their own, and why.
    """

    def __init__(
        self, columns: Mapping[str, str], system: "System", refused: Mapping[str, str]
    ) -> None:
        """Begin with no deals."""
        self._column = columns
        self._types = system.types
        self._refused = refused
        self._rows: dict[str, int] = {}

    def check_kinds(self, values: "Values", faults: Faults) -> None:
        """Find what was deleted, and what is another record than a deal."""
        for field, find in (
            ("is_deleted", lambda flag: "it is deleted" if flag is True else None),
            ("status", lambda word: "it is deleted" if word.casefold() == _DELETED else None),
            ("type", self._other_kind),
        ):
            if field in self._column:
                for place, value in enumerate(values[field]):
                    fact = None if value is None else find(value)
                    if fact is not None:
                        faults.setdefault(place, []).append((self._column[field], fact))

    def _other_kind(self, word: str) -> str | None:
        kind = self._types.get(word.casefold(), "deal")
        return None if kind == "deal" else f"it is a {kind}: read those with record='{kind}'"

    def check_places(self, verdicts: "Sequence[Verdict]", faults: Faults) -> None:
        """Find what is in no place that a deal may be in."""
        for place, verdict in enumerate(verdicts):
            if verdict.place is None:
                fault = (self._column.get("stage"), verdict.fault or "")
                faults.setdefault(place, []).append(fault)

    def rejected(
        self, first_row: int, chunk: "Chunk", values: "Values", others: Faults
    ) -> dict[int, list[Fault]]:
        """All that is wrong with rows: their cells, their ids, and ``others`` found before.

        A row has the id of another only if that other one is a deal.
        """
        ids = values["id"]
        if not (values.bad or chunk.faulty or others) and self._are_new(ids):
            self._rows.update(zip(ids, count(first_row)))
            return {}
        found: dict[int, list[Fault]] = {}
        for place, identity in enumerate(ids):
            wrong: list[Fault] = [*values.bad.get(place, ())]
            if place in chunk.faulty:
                wrong.append((None, chunk.faulty[place].fact))
            wrong += [*self._wrong_with(identity), *others.get(place, ())]
            if wrong or identity is None:
                found[place] = wrong
            else:
                self._rows[identity] = first_row + place
        return found

    def _are_new(self, ids: Sequence[str | None]) -> bool:
        """Whether each is the id of one deal, and of none so far."""
        if "id" not in self._column:
            return True
        several = set(ids)
        is_each_once = len(several) == len(ids) and None not in several
        return (
            is_each_once
            and self._rows.keys().isdisjoint(ids)
            and self._refused.keys().isdisjoint(ids)
        )

    def _wrong_with(self, identity: str | None) -> Iterator[Fault]:
        column = self._column.get("id")
        if column is None:
            return
        if identity is None:
            yield column, "it has no id"
        elif identity in self._rows:
            yield column, f"id {identity!r} is that of row {self._rows[identity]} too"
        elif identity in self._refused:
            yield column, self._refused[identity]
