"""The tables of one call over frames: their columns, derived ones included, as of its instant.

Moments are whole microseconds since 1970 in UTC, those of days that of their midnight; durations
are microseconds; amounts are whole units of ``10 ** -digits``.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import datetime
from decimal import ROUND_CEILING, Decimal
from typing import Any

import attrs

from salesflow._narwhals import nw
from salesflow.errors import DataError, OptionError
from salesflow.facts._faults import check_names, rows
from salesflow.facts._instants import choose, is_day, is_later, span, surely, told_by
from salesflow.facts._sources import SCHEMAS, Source
from salesflow.facts.data import Facts
from salesflow.facts.engines import is_frame
from salesflow.metrics.needs import MONEY, Flag, Leads, Need, Steps
from salesflow.metrics.options import Call
from salesflow.models.durations import to_us
from salesflow.models.past import Cut
from salesflow.money import EXACT, XXX, currencies_by_places, minor_unit

Expr = nw.Expr

OUTCOMES = ("open", "won", "lost")
GIVEN = "_given"
# What follows the name of a column that is kept as it was given, beside what it means.


Condition = Flag | str
"""Something that holds for a row or not: a flag, or a name that the table gives a meaning to."""

Wanted = tuple[tuple[Condition, bool], ...]
"""Conditions, and whether each must hold or must not."""


@attrs.frozen
class Check:
    """Rows that are wrong, or that the result must speak of: counted in the same pass."""

    where: Wanted
    tell: Callable[[int], str]
    column: str | None = None
    """Of a fault, the column whose values are at fault; the error names some of them."""
    option: str | None = None
    """The option that would say what they mean."""
    is_fault: bool = True

    @property
    def is_one_fault(self) -> bool:
        """Whether one condition alone is a fault, so that it holds for no row of an answer."""
        return self.is_fault and len(self.where) == 1 and self.where[0][1]


@attrs.define
class Table:
    """One table of a call: an open query, and what is known of its columns."""

    source: Source
    call: Call
    frame: Any = None
    checks: list[Check] = attrs.field(factory=list)
    named: dict[str, Expr] = attrs.field(factory=dict)
    """The conditions that are no flags."""
    has_opening_keys: bool = False
    now: int | None = None
    today: int | None = None
    """The instant of the call, and the day that its clock shows."""

    def __attrs_post_init__(self) -> None:
        """Settle the instant that the data is taken at."""
        if self.call.as_of is not None:
            self.now, self.today = told_by(Cut(self.call.as_of))

    @property
    def days(self) -> dict[str, bool | None]:
        """Of each moment, whether it is known by its day: all, none, or as a column says."""
        return self.source.days

    @property
    def digits(self) -> int:
        """How many decimals a unit of an amount has."""
        raw = self.source.columns.get("amount")
        return 0 if raw is None else raw.digits

    @property
    def has_currencies(self) -> bool:
        """Whether a column tells the currency of an amount."""
        return "currency" in self.source.columns

    def is_day(self, name: str) -> Expr | bool:
        """Whether a moment is known by its day, row by row or for all."""
        return is_day(self.days, name)

    def is_later(self, name: str) -> Expr:
        """Whether a moment lies after the instant of the call; an unknown one does not."""
        return is_later(self.days, name, self.now, self.today)

    def span(self, start: str, end: str) -> Expr:
        """Microseconds from one moment to another; whole days where a day is involved."""
        return span(self.days, start, end)

    def age(self, name: str) -> Expr:
        """Microseconds from a moment to the instant of the call; whole days of a day."""
        moment = nw.col(name)
        by_day = nw.lit(self.today) - moment
        return choose(self.is_day(name), by_day, nw.lit(self.now) - moment)

    def units(self, amount: object) -> int:
        """An amount of the main unit in units, rounded up: the least that is no less."""
        scaled = EXACT.scaleb(Decimal(str(amount)), self.digits)
        return int(scaled.to_integral_value(ROUND_CEILING, EXACT))


def open_table(data: object, needs: Sequence[Need], call: Call, table: Any) -> Table:
    """The table that needs speak of, with all the columns that they and the call name.

    Raises:
        ColumnError: for columns that are missing or of another type, all of them at once.
        OptionError: for exchange rates, which frames are not converted by.
    """
    if call.rates is not None:
        msg = "cannot convert the amounts of a frame: an engine does not round as money must be"
        hint = "give by='currency', or deals instead of a frame."
        raise OptionError(msg, hint=hint, parameter="rates", value=call.rates)
    _check_columns(needs, call)
    if table == "deals":
        from salesflow.metrics._deal_table import open_deals

        return open_deals(data, needs, call)
    if isinstance(table, Steps):
        from salesflow.metrics._step_table import open_steps

        return open_steps(data, needs, call, table)
    if isinstance(table, Leads) or table in ("deals by lead", "touches"):
        return _open_beside(data, needs, call, table)
    from salesflow.metrics import _stage_tables, _visit_table

    if table == "moves":
        return _stage_tables.open_moves(data, needs, call)
    if table == "deal_stages":
        return _stage_tables.open_deal_stages(data, needs, call)
    return _visit_table.open_visits(data, needs, call, table)


def _open_beside(data: object, needs: Sequence[Need], call: Call, table: Any) -> Table:
    """A table of leads, or of touches."""
    from salesflow.metrics import _lead_table, _touch_table

    if isinstance(table, Leads):
        return _lead_table.open_leads(data, needs, call, table)
    if table == "touches":
        return _touch_table.open_touches(data, needs, call)
    return _lead_table.open_deals_by_lead(data, needs, call)


def _check_columns(needs: Sequence[Need], call: Call) -> None:
    """Refuse a name that is none of ours, and that nothing in the call asks for."""
    asked = [name for schema in SCHEMAS.values() for name in schema]
    asked += [*call.by, *columns_of(needs, call)]
    names = (name for name in call.columns or {} if not str(name).startswith("custom."))
    check_names(names, asked)


def frame_of(data: object, table: str) -> Any:
    """The frame of a table: the one given, or that of `Facts`.

    Raises:
        DataError: if there is none.
    """
    if is_frame(data):
        return data
    found = getattr(data, table, None) if isinstance(data, Facts) else None
    if found is None or not is_frame(found):
        msg = f"cannot read the data: this number needs the table {table}"
        hint = f"give Facts({table}=…), with frames of one library."
        raise DataError(msg, hint=hint, found=type(data).__name__)
    return found


def columns_of(needs: Iterable[Need], call: Call) -> list[str]:
    """The columns that needs name, each once; what dates a row only where a call asks for that."""
    names: dict[str, None] = {}
    for need in needs:
        names |= dict.fromkeys(flag.column for flag in need.where)
        dated_by = need.dated_by if call.is_dated else None
        names |= dict.fromkeys(name for name in (need.column, dated_by) if name)
    return list(names)


def settle_integers(table: Table) -> None:
    """Integers from floats, as which some libraries keep those with unknown ones among them."""
    schema = SCHEMAS[table.source.table]
    for name, raw in table.source.columns.items():
        if raw.kind != "number" or name not in schema or schema[name].type != "int":
            continue
        is_part = (nw.col(name) != nw.col(name).round(0)).fill_null(value=False)
        whole = nw.when(~is_part).then(nw.col(name)).cast(nw.Int64)
        part = f"part_of_{name}"
        table.frame = table.frame.with_columns(**{part: is_part, name: whole})
        table.named[part] = nw.col(part)
        table.checks.append(_no_fractions(part, raw.source))


def _no_fractions(part: str, theirs: str) -> Check:
    fault = f"column '{theirs}' holds fractions, no integers"
    return Check(((part, True),), lambda n: f"{fault}, in {rows(n)}")


def means(column: Expr, mapping: Mapping[Any, str] | None, meaning: str) -> Expr:
    """Whether a column holds a value of that meaning."""
    values = dict(mapping or {})
    known = [value for value, what in values.items() if what == meaning]
    if meaning not in values:
        known.append(meaning)
    texts = [value for value in known if value is not None]
    if not texts:
        return column.is_null() if None in known else column.is_null() & ~column.is_null()
    holds = surely(column.is_in(texts) if len(texts) != 1 else column == texts[0], column)
    return holds | column.is_null() if None in known else holds


def any_of(*conditions: Expr) -> Expr:
    """Whether at least one holds."""
    found, *others = conditions
    for condition in others:
        found = found | condition
    return found


def mapped(column: Expr, mapping: Mapping[Any, str] | None) -> Expr:
    """A column of texts with its values as they are meant."""
    found = column
    for value, meaning in (mapping or {}).items():
        if value is not None and value != meaning:
            found = nw.when(column == value).then(nw.lit(meaning)).otherwise(found)
    return found


def check_stages(table: Table, place: int) -> None:
    """Refuse a stage to group by that the mapping does not tell, where there is one."""
    stages = [*(table.call.stages or {}).values()]
    column = nw.col(f"k{place}")
    name, condition = table.call.by[place], f"stageless_{place}"
    table.named[condition] = ~column.is_in(stages) & ~column.is_null()
    fault = f"column '{table.source.theirs(name)}' holds stages that stages= does not tell"
    told = Check(((condition, True),), lambda n: f"{fault}, in {rows(n)}", f"k{place}", "stages")
    table.checks.append(told)


def positive(flag: Flag) -> Wanted:
    """A flag as those that others share, as each takes a bit, and whether they must hold."""
    column = "amount" if flag.column == "given_amount" else flag.column
    if flag.test == "unknown":
        return ((Flag(column, "known"), False),)
    if flag.test == "known" and column in _KNOWN_BY:
        return tuple((Flag(one, "known"), True) for one in _KNOWN_BY[column])
    if flag.test == "negative":
        return (Flag(column, "known"), True), (Flag(column, "not_negative"), False)
    if flag.test == "is_not" and column == "outcome":
        return ((Flag(column, "is", flag.value), False),)
    if flag.test == "is" and flag.value is False and column in _NEVER_UNKNOWN:
        return ((Flag(column, "is", value=True), False),)
    return ((Flag(column, flag.test, flag.value), True),)


_KNOWN_BY: Mapping[str, tuple[str, ...]] = {"days_us": ("entered_at", "left_at")}
_IS_CURRENT = Flag("is_current", "is", value=True)
"""What each visit tells of itself; so it need not be made sure of."""

_NEVER_UNKNOWN = frozenset(
    {
        "is_current",
        "has_next",
        "is_implied",
        "is_converted",
        "is_disqualified",
        "is_won",
        "has_lead",
    }
)


def holds(table: Table, condition: Condition) -> Expr:
    """Whether a condition holds for a row; never unknown."""
    if isinstance(condition, str):
        return table.named[condition]
    flag = condition
    if flag.column == "outcome" and flag.test == "is" and flag.value in OUTCOMES:
        return nw.col(f"is_{flag.value}")
    column, value = nw.col(flag.column), flag.value
    if flag.column in MONEY and flag.test == "at_least":
        value = table.units(value)
    if isinstance(value, datetime):
        value = to_us(value)
    if flag.test == "known":
        return ~column.is_null()
    if flag == _IS_CURRENT:
        return column
    if flag.test == "is" and isinstance(value, bool):
        return surely(column if value else ~column, column)
    found = {
        "is": lambda: column == value,
        "is_not": lambda: column == value,
        "not_negative": lambda: column >= 0,
        "at_least": lambda: column >= value,
    }[flag.test]()
    found = surely(found, column)
    return ~found if flag.test == "is_not" else found


def holds_all(table: Table, wanted: Wanted) -> Expr:
    """Whether all of the conditions are as they must be."""
    found: Expr = nw.lit(value=True)
    for place, (condition, is_set) in enumerate(wanted):
        one = holds(table, condition) if is_set else ~holds(table, condition)
        found = found & one if place else one
    return found


def digits_of(table: Table, column: str) -> int:
    """How many decimals a unit of an amount has in a column."""
    return table.digits + (6 if column == "weighted_amount" else 0)


def minor_step(table: Table, digits: int) -> Expr | int:
    """How many units make one minor unit of the currency, row by row or for all."""
    if not table.has_currencies:
        places = minor_unit(table.call.currency or XXX)
        return 1 if places is None else 10 ** (digits - places)
    step: Expr = nw.lit(10 ** (digits - 2))
    for places, codes in currencies_by_places().items():
        if places != 2:  # noqa: PLR2004 - what most currencies have
            size = 1 if places is None else 10 ** (digits - places)
            step = nw.when(nw.col("currency").is_in(codes)).then(nw.lit(size)).otherwise(step)
    return step
