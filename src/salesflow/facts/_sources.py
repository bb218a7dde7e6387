"""A frame of a call, its columns found before anything runs; `_faults` checks them."""

from collections.abc import Mapping
from importlib import import_module
from typing import Any

import attrs

from salesflow._narwhals import nw
from salesflow.facts._engines.columns import FEW_DIGITS, MANY_DIGITS, Kind, Raw
from salesflow.facts._faults import MISSING, Reading, check_frame, check_twins
from salesflow.facts.engines import engine_of
from salesflow.facts.schema import DEALS, LEADS, TOUCHES, VISITS, Column
from salesflow.money import currencies_by_places, minor_unit

SCHEMAS: Mapping[str, Mapping[str, Column]] = {
    "deals": {column.name: column for column in DEALS},
    "visits": {column.name: column for column in VISITS},
    "touches": {column.name: column for column in TOUCHES},
    "leads": {column.name: column for column in LEADS},
    "log": {column.name: column for column in VISITS if not column.name.endswith("_precision")},
}
"""The columns of each table; a log of stages has some of those of visits."""

_COMMON_DIGITS = 2
_MOST_MINOR_DIGITS = 4


def _kind_of(dtype: Any) -> str:
    """What a column of a type may be read as."""
    for name, kinds in _DTYPES.items():
        if isinstance(dtype, kinds) or dtype in kinds:
            return name
    if dtype.is_integer():
        return "integer"
    return "float" if dtype.is_float() else "opaque"


_DTYPES: dict[str, tuple[Any, ...]] = {
    "text": (nw.String, nw.Categorical, nw.Enum),
    "day": (nw.Date,),
    "time": (nw.Datetime,),
    "decimal": (nw.Decimal,),
    "flag": (nw.Boolean,),
    "nested": (nw.List, nw.Array, nw.Struct),
    "other": (nw.Object, nw.Duration, nw.Time),
}
_FITTING: Mapping[str, frozenset[str]] = {
    "str": frozenset({"text"}),
    "int": frozenset({"integer", "float"}),
    "float": frozenset({"integer", "float", "decimal"}),
    "bool": frozenset({"flag", "integer"}),
    "instant": frozenset({"day", "time"}),
    "date": frozenset({"day", "time"}),
    "decimal": frozenset({"integer", "float", "decimal"}),
    "id": frozenset({"text", "integer", "decimal", "opaque"}),
    "whole": frozenset({"integer"}),
    "any": frozenset({*_DTYPES, "integer", "float", "opaque"} - {"nested"}),
}
_WORDS: Mapping[str, str] = {
    "str": "text",
    "int": "integers",
    "float": "numbers",
    "bool": "true or false",
    "instant": "dates or times",
    "date": "dates",
    "decimal": "numbers",
    "id": "ids",
    "whole": "integers",
    "any": "single values",
}


@attrs.define
class Source:
    """One frame of a call, and the columns of it that were asked for.

    Args:
        table: which of our tables it is.
        native: the frame.
        reading: how it is read.
    """

    table: str
    native: Any
    reading: Reading
    columns: dict[str, Raw] = attrs.field(factory=dict, init=False)
    """What is read, by our name."""
    days: dict[str, bool | None] = attrs.field(factory=dict, init=False)
    """Of each moment, whether it is known by its day: all, none, or as a column says (None)."""
    faults: dict[str, str] = attrs.field(factory=dict, init=False)
    """What is wrong, by our name of the column."""
    notes: list[str] = attrs.field(factory=list, init=False)
    naive: dict[str, bool] = attrs.field(factory=dict, init=False)
    """Of the times that are read, by their name, whether they lack a zone."""
    _dtypes: dict[str, Any] = attrs.field(init=False)

    def __attrs_post_init__(self) -> None:
        """Look at the types of the columns; this runs nothing."""
        check_frame(self.table, self.native)
        check_twins(self.table, self.native, self.engine_name)
        self._dtypes = dict(nw.from_native(self.native).collect_schema())

    @property
    def engine(self) -> Any:
        """The module of the frame's library."""
        return import_module(f"salesflow.facts._engines.{self.engine_name}")

    @property
    def engine_name(self) -> str | None:
        """The name of the frame's library."""
        return engine_of(self.native)

    @property
    def names(self) -> tuple[str, ...]:
        """The columns of the frame, by its own names."""
        return tuple(map(str, self._dtypes))

    def theirs(self, name: str) -> str:
        """What the frame calls a column of ours."""
        return (self.reading.columns or {}).get(name, name)

    def has(self, name: str) -> bool:
        """Whether the frame has a column of ours, or one of its own of that name."""
        return self.theirs(name) in self._dtypes

    def need(self, name: str, *, optional: bool = False) -> bool:
        """Ask for a column of ours; whether it can be read."""
        if name in self.columns:
            return True
        wanted = SCHEMAS[self.table][name].type
        kind = self._find(name, wanted, optional=optional)
        if kind is None:
            return False
        self.columns[name] = self._raw(name, self.theirs(name), wanted, kind)
        return True

    def keep(self, name: str, holds: str, *, alias: str, optional: bool = False) -> None:
        """Ask for a column as it is, under another name.

        Args:
            name: the column.
            holds: a type of ours; or ``id``, ``whole`` numbers or ``any`` single values.
            alias: what it is called from here on.
            optional: whether it may be absent.
        """
        if self._find(name, holds, optional=optional) is not None:
            self.columns[alias] = Raw(alias, self.theirs(name), "id")

    def _find(self, name: str, holds: str, *, optional: bool) -> str | None:
        """What a column holds, if it is there and can be read; all else is a fault."""
        theirs = self.theirs(name)
        if not self.has(name):
            if not optional or theirs != name:
                self.faults[name] = f"{MISSING} '{theirs}'"
            return None
        kind = self._kind(theirs)
        if kind != "unknown" and kind not in _FITTING[holds]:
            self.faults[name] = (
                f"column '{theirs}' holds {self._dtypes[theirs]}, no {_WORDS[holds]}"
            )
            return None
        return kind

    def need_key(self, alias: str, name: str) -> None:
        """Ask for a column to group by, as it is; of floats, nan is unknown."""
        theirs = self.theirs(name)
        if not self.has(name):
            self.faults[name] = f"{MISSING} '{theirs}'"
            return
        kind, dtype = self._kind(theirs), self._dtypes[theirs]
        if kind == "nested" or dtype.is_nested():
            self.faults[name] = f"column '{theirs}' holds {dtype}, which makes no groups"
            return
        self.columns[alias] = Raw(alias, theirs, "number" if kind == "float" else "any")

    def need_id(self, name: str = "deal_id") -> str | None:
        """Ask for a column to join by; gives what it holds."""
        theirs = self.theirs(name)
        if not self.has(name):
            self.faults[name] = f"{MISSING} '{theirs}'"
            return None
        kind = self._kind(theirs)
        # polars joins no categories to texts.
        is_text = self.engine_name == "polars" and kind in ("text", "unknown")
        self.columns[name] = Raw(name, theirs, "text" if is_text else "id")
        return None if kind == "unknown" else kind

    def need_or_blank(self, name: str) -> None:
        """Ask for a column that only orders the result, and may be absent."""
        if self.has(name) or not self.names:
            self.need(name)
        else:
            self.columns[name] = Raw(name, self.names[0], "blank")

    def need_known(self, name: str, alias: str) -> None:
        """Ask whether a text of ours is there, if the frame has such a column."""
        if name not in self.columns and self.need(name, optional=True):
            self.columns[alias] = Raw(alias, self.columns.pop(name).source, "known")

    def need_own(self, name: str) -> None:
        """Ask for a column that is not one of ours, for a number of the caller's own."""
        if not self.has(name):
            self.faults[name] = f"{MISSING} '{self.theirs(name)}'"
            return
        kinds: dict[str, Kind] = {"integer": "integer", "float": "number", "decimal": "number"}
        kinds |= {"text": "text", "flag": "flag"}
        kind = self._kind(self.theirs(name))
        self.columns[name] = Raw(name, self.theirs(name), kinds.get(kind, "any"))

    def _kind(self, theirs: str) -> str:
        # Of a column of Python objects, and of some types, narwhals sees no more than that.
        told = self.engine.kind_of(self.native, theirs)
        return str(told) if told is not None else _kind_of(self._dtypes[theirs])

    def _raw(self, name: str, theirs: str, wanted: str, kind: str) -> Raw:
        if wanted in ("instant", "date"):
            return self._moment(name, theirs, kind)
        if wanted == "decimal":
            return self._amount(name, theirs, kind)
        kinds: dict[str, Kind] = {
            "str": "text",
            "int": "integer",
            "float": "number",
            "bool": "flag",
        }
        is_float = wanted == "int" and kind == "float"
        return Raw(name, theirs, "number" if is_float else kinds[wanted])

    def _moment(self, name: str, theirs: str, kind: str) -> Raw:
        precision = f"{name.removesuffix('_at')}_precision"
        self.days[name] = kind == "day"
        if kind == "unknown":
            return Raw(name, theirs, "blank")
        if kind == "day" or name.endswith("_on"):
            if kind == "time" and self._zone_of(theirs) is not None:
                # Engines differ in whose day it is.
                self.faults[name] = f"column '{theirs}' holds times with a zone, no dates"
            self.days[name] = True
            return Raw(name, theirs, "day")
        if precision in SCHEMAS[self.table] and self.need(precision, optional=True):
            self.days[name] = None
        zone = self._zone_of(theirs)
        self.naive[theirs] = zone is None
        if zone is not None:
            return Raw(name, theirs, "instant")
        return Raw(name, theirs, "instant", zone=self.reading.zone)

    def _zone_of(self, theirs: str) -> object:
        dtype = self._dtypes[theirs]
        if isinstance(dtype, nw.Datetime):
            return dtype.time_zone
        return self.engine.zone_of(self.native, theirs)

    def _amount(self, name: str, theirs: str, kind: str) -> Raw:
        if kind in ("integer", "unknown"):
            return Raw(name, theirs, "exact")
        if kind == "decimal":
            precision, scale = self._decimal(theirs)
            is_short = precision <= MANY_DIGITS or scale <= FEW_DIGITS
            return Raw(name, theirs, "exact", digits=scale if is_short else FEW_DIGITS, scale=scale)
        places = minor_unit(self.reading.currency)
        digits = _COMMON_DIGITS if places is None else places
        if not self.has("currency"):
            return Raw(name, theirs, "amount", digits=digits)
        return Raw(
            name,
            theirs,
            "amount",
            digits=_MOST_MINOR_DIGITS,
            minor=minor_digits(),
            currency=self.theirs("currency"),
            unsaid=digits,
        )

    def _decimal(self, theirs: str) -> tuple[int, int]:
        dtype = self._dtypes[theirs]
        if isinstance(dtype, nw.Decimal):
            return dtype.precision, dtype.scale
        found: tuple[int, int] = self.engine.decimal_of(self.native, theirs)
        return found

    def read(self) -> Any:
        """The columns asked for, read into few physical types; nothing runs on lazy frames."""
        # A frame without columns has no rows either: a count of all rows needs one.
        columns = [*self.columns.values()] or [Raw("row", name, "any") for name in self.names[:1]]
        return nw.from_native(self.engine.prepare(self.native, tuple(columns)))


def minor_digits() -> tuple[tuple[int, tuple[str, ...]], ...]:
    """The currencies whose minor unit has not two decimals, by how many it has."""
    found = currencies_by_places()
    unusual = [n for n in found if n not in (None, _COMMON_DIGITS)]
    return tuple((n, found[n]) for n in sorted(unusual, key=str) if n is not None)
