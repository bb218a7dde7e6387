"""A frame of a call, its columns found and checked before anything runs."""

from collections.abc import Iterable, Mapping
from importlib import import_module
from typing import Any

import attrs

from salesflow.errors import ColumnError, closest, one_of
from salesflow.facts._narwhals import nw
from salesflow.facts.engines import engine_of
from salesflow.facts.schema import DEALS, LEADS, TOUCHES, VISITS, Column
from salesflow.metrics._engines.columns import FEW_DIGITS, MANY_DIGITS, Kind, Raw
from salesflow.metrics.options import Call
from salesflow.money import XXX, currencies_by_places, minor_unit

SCHEMAS: Mapping[str, Mapping[str, Column]] = {
    "deals": {column.name: column for column in DEALS},
    "visits": {column.name: column for column in VISITS},
    "touches": {column.name: column for column in TOUCHES},
    "leads": {column.name: column for column in LEADS},
}
_COMMON_DIGITS = 2
_MOST_MINOR_DIGITS = 4


def _kind_of(dtype: Any) -> str:
    """What a column of a type may be read as."""
    for name, kinds in _DTYPES.items():
        if isinstance(dtype, kinds) or dtype in kinds:
            return name
    if dtype.is_integer():
        return "integer"
    # A column of nothing but None has no type that narwhals knows.
    return "float" if dtype.is_float() else "unknown" if dtype == nw.Unknown else "other"


_DTYPES: dict[str, tuple[Any, ...]] = {
    "text": (nw.String, nw.Categorical, nw.Enum),
    "day": (nw.Date,),
    "time": (nw.Datetime,),
    "decimal": (nw.Decimal,),
    "flag": (nw.Boolean,),
}
_FITTING: Mapping[str, frozenset[str]] = {
    "str": frozenset({"text"}),
    "int": frozenset({"integer", "float"}),
    "float": frozenset({"integer", "float", "decimal"}),
    "bool": frozenset({"flag", "integer"}),
    "instant": frozenset({"day", "time"}),
    "date": frozenset({"day", "time"}),
    "decimal": frozenset({"integer", "float", "decimal"}),
}
_WORDS: Mapping[str, str] = {
    "str": "text",
    "int": "integers",
    "float": "numbers",
    "bool": "true or false",
    "instant": "dates or times",
    "date": "dates",
    "decimal": "numbers",
}


@attrs.define
class Source:
    """One frame of a call, and the columns of it that were asked for.

    Args:
        table: which of our tables it is.
        native: the frame.
        call: the call.
    """

    table: str
    native: Any
    call: Call
    columns: dict[str, Raw] = attrs.field(factory=dict, init=False)
    """What is read, by our name."""
    days: dict[str, bool | None] = attrs.field(factory=dict, init=False)
    """Of each moment, whether it is known by its day: all, none, or as a column says (None)."""
    faults: dict[str, str] = attrs.field(factory=dict, init=False)
    """What is wrong, by our name of the column."""
    notes: list[str] = attrs.field(factory=list, init=False)
    _naive: dict[str, bool] = attrs.field(factory=dict, init=False)
    _dtypes: dict[str, Any] = attrs.field(init=False)

    def __attrs_post_init__(self) -> None:
        """Look at the types of the columns; this runs nothing."""
        self._dtypes = dict(nw.from_native(self.native).collect_schema())

    @property
    def engine(self) -> Any:
        """The module of the frame's library."""
        return import_module(f"salesflow.metrics._engines.{self.engine_name}")

    @property
    def engine_name(self) -> str | None:
        """The name of the frame's library."""
        return engine_of(self.native)

    @property
    def names(self) -> tuple[str, ...]:
        """The columns of the frame, by its own names."""
        return tuple(self._dtypes)

    def theirs(self, name: str) -> str:
        """What the frame calls a column of ours."""
        return (self.call.columns or {}).get(name, name)

    def has(self, name: str) -> bool:
        """Whether the frame has a column of ours, or one of its own of that name."""
        return self.theirs(name) in self._dtypes

    def need(self, name: str, *, optional: bool = False) -> bool:
        """Ask for a column of ours; whether it can be read."""
        if name in self.columns:
            return True
        if not self.has(name):
            if not optional:
                self.faults[name] = f"no column '{self.theirs(name)}'"
            return False
        column = SCHEMAS[self.table][name]
        theirs = self.theirs(name)
        kind, dtype = self._kind(theirs), self._dtypes[theirs]
        if kind != "unknown" and kind not in _FITTING[column.type]:
            self.faults[name] = f"column '{theirs}' holds {dtype}, no {_WORDS[column.type]}"
            return False
        self.columns[name] = self._raw(name, theirs, column.type, kind)
        return True

    def need_key(self, alias: str, name: str) -> None:
        """Ask for a column to group by, as it is."""
        if self.has(name):
            self.columns[alias] = Raw(alias, self.theirs(name), "any")
        else:
            self.faults[name] = f"no column '{self.theirs(name)}'"

    def need_id(self, name: str = "deal_id") -> None:
        """Ask for an id, to join by."""
        if self.has(name):
            self.columns[name] = Raw(name, self.theirs(name), "id")
        else:
            self.faults[name] = f"no column '{self.theirs(name)}'"

    def need_own(self, name: str) -> None:
        """Ask for a column that is not one of ours, for a number of the caller's own."""
        if not self.has(name):
            self.faults[name] = f"no column '{self.theirs(name)}'"
            return
        kinds: dict[str, Kind] = {"integer": "integer", "float": "number", "decimal": "number"}
        kinds |= {"text": "text", "flag": "flag"}
        kind = self._kind(self.theirs(name))
        self.columns[name] = Raw(name, self.theirs(name), kinds.get(kind, "any"))

    def _kind(self, theirs: str) -> str:
        # Of a column of Python objects, narwhals sees no more than that.
        told = getattr(self.engine, "kind_of", _no_kind)(self.native, theirs)
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
        return Raw(name, theirs, kinds[wanted])

    def _moment(self, name: str, theirs: str, kind: str) -> Raw:
        precision = f"{name.removesuffix('_at')}_precision"
        self.days[name] = kind == "day"
        if kind == "unknown":
            return Raw(name, theirs, "blank")
        if kind == "day" or name.endswith("_on"):
            self.days[name] = True
            return Raw(name, theirs, "day")
        if precision in SCHEMAS[self.table] and self.need(precision, optional=True):
            self.days[name] = None
        zone = self._zone_of(theirs)
        self._naive[theirs] = zone is None
        if zone is not None:
            return Raw(name, theirs, "instant")
        return Raw(name, theirs, "instant", zone=self.zone)

    def _zone_of(self, theirs: str) -> object:
        dtype = self._dtypes[theirs]
        if isinstance(dtype, nw.Datetime):
            return dtype.time_zone
        return self.engine.zone_of(self.native, theirs)

    @property
    def zone(self) -> str:
        """The zone of times that do not name theirs."""
        period = self.call.period
        return self.call.zone or (period.zone if period is not None else "UTC")

    def _amount(self, name: str, theirs: str, kind: str) -> Raw:
        if kind in ("integer", "unknown"):
            return Raw(name, theirs, "exact")
        if kind == "decimal":
            precision, scale = self._decimal(theirs)
            is_short = precision <= MANY_DIGITS or scale <= FEW_DIGITS
            return Raw(name, theirs, "exact", digits=scale if is_short else FEW_DIGITS, scale=scale)
        if not self.has("currency"):
            places = minor_unit(self.call.currency or XXX)
            digits = _COMMON_DIGITS if places is None else places
            return Raw(name, theirs, "amount", digits=digits)
        return Raw(
            name,
            theirs,
            "amount",
            digits=_MOST_MINOR_DIGITS,
            minor=minor_digits(),
            currency=self.theirs("currency"),
        )

    def _decimal(self, theirs: str) -> tuple[int, int]:
        dtype = self._dtypes[theirs]
        if isinstance(dtype, nw.Decimal):
            return dtype.precision, dtype.scale
        found: tuple[int, int] = self.engine.decimal_of(self.native, theirs)
        return found

    def check(self) -> None:
        """Refuse the frame if anything is wrong with it, naming all of it.

        Raises:
            ColumnError: for columns that are missing, of another type, or of times with and without
                a zone.
        """
        if len(set(self._naive.values())) > 1:
            naive = [name for name, is_naive in self._naive.items() if is_naive]
            aware = [name for name, is_naive in self._naive.items() if not is_naive]
            fault = f"times of {one_of(naive)} have no zone, those of {one_of(aware)} have one"
            self.faults[naive[0]] = fault
        elif any(self._naive.values()):
            names = one_of(sorted(self._naive)).replace(" or ", " and ")
            self.notes.append(f"times of {names} are read as {self.zone}")
        if self.faults:
            raise column_error(self.table, self.faults, self.names)

    def read(self) -> Any:
        """The columns asked for, read into few physical types; nothing runs on lazy frames."""
        # A frame without columns has no rows either: a count of all rows needs one.
        columns = [*self.columns.values()] or [Raw("row", name, "any") for name in self.names[:1]]
        return nw.from_native(self.engine.prepare(self.native, tuple(columns)))


def _no_kind(native: object, column: str) -> None:
    """What engines whose types tell all have to say of a column."""
    del native, column


def minor_digits() -> tuple[tuple[int, tuple[str, ...]], ...]:
    """The currencies whose minor unit has not two decimals, by how many it has."""
    found = currencies_by_places()
    unusual = [n for n in found if n not in (None, _COMMON_DIGITS)]
    return tuple((n, found[n]) for n in sorted(unusual, key=str) if n is not None)


def column_error(table: str, faults: Mapping[str, str], names: Iterable[str]) -> ColumnError:
    """What is wrong with the columns of a frame, all of it."""
    known = tuple(names)
    first = next(iter(faults))
    listed = "; ".join(faults.values())
    msg = f"cannot read the {table}: {listed}"
    near = one_of(closest(first, known)) if known else "none"
    hint = f"there is {near}; columns={{'{first}': …}} says what yours is called."
    return ColumnError(msg, hint=hint, column=first, known=known, faults=tuple(faults.values()))
