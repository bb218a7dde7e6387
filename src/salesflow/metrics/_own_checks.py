"""What a definition of one's own may ask for: columns that are there, and ops that fit them."""

from collections.abc import Iterable, Mapping
from decimal import Decimal
from typing import get_args

from salesflow.errors import ColumnError, OptionError, closest, one_of, shown
from salesflow.facts.schema import DEALS, VISITS, Column
from salesflow.metrics._stage_rows import DealStage, Step
from salesflow.metrics.needs import Flag, Need, Steps, TableName, Test

_CUSTOM = "custom."
_OPS = ("count", "sum", "min", "max", "values", "distinct")
_KNOWING = frozenset({"known", "negative", "not_negative", "at_least"})
"""The tests that hold for no row without a value."""

EXACT = {"cycle_days": "cycle_us", "active_days": "active_us", "days": "days_us"}
"""The columns of days, and those that hold the same as whole microseconds."""

Kinds = Mapping[str, str]
"""Columns by name, and the type of their values."""


def _kinds(columns: Iterable[Column], *durations: str) -> Kinds:
    kinds = {column.name: column.type for column in columns}
    return {**kinds, **dict.fromkeys(durations, "duration")}


def _kinds_of(fields: Iterable[str]) -> Kinds:
    """What fields of rows hold, as their names say it."""
    own = {"has_next": "bool", "is_implied": "bool", "n_visits": "int", "stage_position": "int"}
    return {n: own.get(n, "instant" if n.endswith("_at") else "str") for n in fields}


_DURATIONS = (*("cycle_us", "active_us", "first_stage_us", "active_first_stage_us"), "age_us")
_OF_DEALS: Kinds = {
    **_kinds(DEALS, *_DURATIONS, "lead_us", "active_lead_us"),
    "given_amount": "decimal",
}
_OF_VISITS = _kinds(VISITS, "days_us", "current_us")
_OF_STEPS = _kinds_of(Step._fields)
_OF_ROWS: Mapping[TableName, Kinds] = {
    "deals": _OF_DEALS,
    "visits": _OF_VISITS,
    "stays": _OF_VISITS,
    "moves": {**_OF_VISITS, "direction": "str"},
    "deal_stages": _kinds_of(DealStage._fields),
}
_VALUES: Mapping[str, tuple[type, ...]] = {
    "str": (str,),
    "bool": (bool,),
    "int": (int,),
    "duration": (int,),
    "float": (int, float),
    "decimal": (int, Decimal),
    "any": (str, bool, int, float),
}
"""What a column of a type can be compared with."""


def check_needs(needs: object, table: object) -> None:
    """Refuse needs that no table answers.

    Raises:
        OptionError: for no need at all, an op, a test or a table that does not exist, or one that
            does not fit its column.
        ColumnError: for a column that the table does not have.
    """
    _own_kinds(table)
    several = tuple(needs) if isinstance(needs, Iterable) else ()
    if not several or not all(isinstance(need, Need) for need in several):
        msg = "cannot measure a definition without needs: nothing would be counted"
        raise _refused(msg, "give needs=(Need(…), …), or use count or total.", "needs", needs)
    for need in several:
        _check(need, table)


def _check(need: Need, table: object) -> None:
    if need.op not in _OPS:
        msg = f"cannot answer a need for {need.op!r}"
        raise _refused(msg, f"give {one_of(_OPS)}.", "op", need.op)
    require_flags(need.where)
    for flag in need.where:
        _check_flag(flag, table)
    if need.dated_by is not None and kind_of(need.dated_by, table) not in ("instant", "date"):
        msg = f"cannot date rows by column '{need.dated_by}': it holds no dates"
        moments = [n for n, kind in _all_kinds(table).items() if kind in ("instant", "date")]
        raise _refused(msg, f"give {one_of(sorted(moments))}.", "dated_by", need.dated_by)
    if need.op == "count":
        return
    kind = kind_of(need.column, table)
    if need.op != "distinct":
        _check_sum(need, kind, table)


def _check_sum(need: Need, kind: str, table: object) -> None:
    """An op over values: they are numbers, exact, of the rows themselves, and known."""
    column = str(need.column)
    only_whole = need.op in ("min", "max")
    if kind not in ("int", "duration", *(() if only_whole else ("decimal",))):
        fitting = "no whole number and no duration" if only_whole else "no amount and no number"
        msg = f"cannot take the {need.op} of column '{column}': it holds {fitting}"
        hint = f"take '{EXACT[column]}', in microseconds." if column in EXACT else None
        raise _refused(msg, hint, "column", column)
    if column not in _own_kinds(table):
        msg = f"cannot take the {need.op} of column '{column}' here: a deal has several rows"
        raise _refused(msg, "measure the table 'deals'.", "column", column)
    if not any(flag.column == column and flag.test in _KNOWING for flag in need.where):
        msg = f"cannot take the {need.op} of column '{column}': some rows may not know it"
        raise _refused(msg, f"add known('{column}') to where.", "where", need.where)


def require_flags(flags: Iterable[object]) -> None:
    """Refuse anything but flags."""
    for flag in flags:
        if not isinstance(flag, Flag):
            msg = f"cannot choose rows by {shown(flag)}: it is no flag"
            raise _refused(msg, "give flags, such as is_('outcome', 'won').", "where", flag)


def _check_flag(flag: Flag, table: object) -> None:
    if flag.test not in get_args(Test):
        msg = f"cannot test column '{flag.column}' for {flag.test!r}"
        raise _refused(msg, f"give {one_of(get_args(Test))}.", "test", flag.test)
    kind = kind_of(flag.column, table)
    if flag.test in ("negative", "not_negative", "at_least") and kind not in _NUMBERS:
        msg = f"cannot test column '{flag.column}' for {flag.test!r}: it holds no numbers"
        raise _refused(msg, None, "test", flag.test)
    if flag.test in ("is", "is_not", "at_least"):
        _check_value(flag, kind)


_NUMBERS = ("int", "duration", "float", "decimal")


def _check_value(flag: Flag, kind: str) -> None:
    """What a value is compared with is of its type: nothing else would ever hold."""
    value = flag.value
    if value is None:
        msg = f"cannot compare column '{flag.column}' with None: it is unknown, and no value"
        raise _refused(msg, f"use unknown('{flag.column}').", "value", None)
    if kind in ("instant", "date"):
        msg = f"cannot compare column '{flag.column}' with {shown(value)}: it holds dates"
        raise _refused(msg, "give the call a period=, and dated_by=.", "value", value)
    fitting = _VALUES[kind]
    if not isinstance(value, fitting) or (isinstance(value, bool) and bool not in fitting):
        msg = f"cannot compare column '{flag.column}' with {shown(value)}: it holds {kind} values"
        raise _refused(msg, None, "value", value)


def kind_of(column: object, table: object) -> str:
    """The type of a column, its own or of the row's deal; ``any`` of a custom one.

    Raises:
        ColumnError: for a column that the table does not have.
        OptionError: for a table that there is not.
    """
    kinds = _all_kinds(table)
    if isinstance(column, str) and column.startswith(_CUSTOM):
        return "any"
    if not isinstance(column, str) or column not in kinds:
        known = tuple(kinds)
        msg = f"cannot find column {shown(column)}: the table does not have it"
        hint = f"there is {one_of(closest(column, known))}, or custom.x for a key x of custom."
        fault = f"no column {shown(column)}"
        raise ColumnError(msg, hint=hint, column=column, known=known, faults=(fault,))
    return kinds[column]


def _own_kinds(table: object) -> Kinds:
    if isinstance(table, Steps):
        return _OF_STEPS
    for name, kinds in _OF_ROWS.items():
        if name == table:
            return kinds
    msg = f"cannot measure table {shown(table)}: there is none"
    raise _refused(msg, f"give {one_of(_OF_ROWS)}.", "table", table)


def _all_kinds(table: object) -> Kinds:
    return {**_OF_DEALS, **_own_kinds(table)}


def _refused(msg: str, hint: str | None, parameter: str, value: object) -> OptionError:
    return OptionError(msg, hint=hint, parameter=parameter, value=value)
