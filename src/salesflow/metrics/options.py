"""The options that all metrics share, and what they mean for one call."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import TYPE_CHECKING, Literal, TypedDict, get_args

import attrs

from salesflow.errors import OptionError, closest, one_of
from salesflow.money import XXX, Rates, to_currency
from salesflow.periods import Calendar, Period, get_zone, require_aware

if TYPE_CHECKING:
    from salesflow.facts._faults import Reading

By = str | Sequence[str]
"""The column, or columns, to group by."""

Every = Literal["week", "month", "quarter", "half", "year"]
"""What to cut time into; weeks are those of ISO 8601, from Monday."""


class _Timeless(TypedDict, total=False):
    """What any metric takes that has nothing to do with time, besides ``stages``.

    Attributes:
        rates: exchange rates; results are then in their base currency.
        currency: the currency of a result in which no amount names one; of a frame, that of
            amounts whose currency no column names. XXX unless given.
        columns: of a frame, what it calls a column of ours: ``{"owner_id": "sales_agent"}``.
        outcomes: of a frame, what its values mean: ``{"Loss": "lost"}``.
        zone: of a frame, the zone of times that do not name theirs; that of the period unless
            given, else UTC.
    """

    rates: Rates | None
    currency: str | None
    columns: Mapping[str, str] | None
    outcomes: Mapping[str, str] | None
    zone: str | None


class Untimed(_Timeless, total=False):
    """What any metric takes that has nothing to do with time.

    Attributes:
        stages: of a frame, what its values mean: ``{"Engaging": "meeting"}``.
    """

    stages: Mapping[str, str] | None


class Undated(Untimed, total=False):
    """What any metric takes, besides ``as_of``; and what `Untimed` says.

    Attributes:
        period: count only what is dated in it: closings, or creations where the metric says so.
        calendar: the zone and fiscal year that ``every`` cuts by; those of the period unless given,
            else UTC and January.
    """

    period: Period | None
    calendar: Calendar | None


class Unstaged(_Timeless, total=False):
    """What a metric takes that has a meaning of its own for ``stages``.

    Attributes:
        period: count only what is dated in it.
        calendar: the zone and fiscal year that ``every`` cuts by.
        as_of: the instant the data is taken at; as it stands unless given. [aware datetime]
    """

    period: Period | None
    calendar: Calendar | None
    as_of: datetime | None


class Options(Undated, total=False):
    """What any metric takes.

    Attributes:
        as_of: the instant the data is taken at; as it stands unless given. [aware datetime]
    """

    as_of: datetime | None


_TYPES: dict[str, tuple[type, str]] = {
    "period": (Period, "give one, such as Period.parse('2026-Q1')."),
    "calendar": (Calendar, "give one, such as Calendar('Asia/Seoul')."),
    "rates": (Rates, "give Rates(base, table)."),
    "columns": (Mapping, "give a mapping, such as {'owner_id': 'sales_agent'}."),
    "outcomes": (Mapping, "give a mapping, such as {'Loss': 'lost'}."),
    "stages": (Mapping, "give a mapping, such as {'Engaging': 'meeting'}."),
}
OF_FRAMES = ("columns", "outcomes", "stages", "zone")
"""The options that say how to read a frame."""
_OUTCOMES = ("open", "won", "lost", "converted", "disqualified")
_NAMES = ("period", "calendar", "rates", "currency", "as_of", *OF_FRAMES)


def check_no_frame(call: "Call") -> None:
    """Refuse the options that say how to read a frame where there is none.

    Raises:
        OptionError: naming the first.
    """
    for name in OF_FRAMES:
        value = getattr(call, name)
        if value is not None:
            msg = f"cannot take {name} for deals: it says how to read a frame"
            hint = "leave it out, or give a frame."
            raise OptionError(msg, hint=hint, parameter=name, value=value)


@attrs.frozen
class Call:
    """The options of one call, checked."""

    by: tuple[str, ...] = ()
    one_column: bool = True
    """Whether groups are keyed by a value, not by a tuple of values."""
    every: Every | None = None
    period: Period | None = None
    calendar: Calendar | None = None
    rates: Rates | None = None
    as_of: datetime | None = None
    currency: str | None = None
    columns: Mapping[str, str] | None = None
    outcomes: Mapping[str, str] | None = None
    stages: Mapping[str, str] | None = None
    zone: str | None = None

    @property
    def cut_by(self) -> Calendar:
        """The calendar that ``every`` cuts by: the one given, else the period's, else UTC's."""
        return self.calendar or (Calendar() if self.period is None else self.period.calendar)

    @property
    def reading(self) -> "Reading":
        """How its frames are read."""
        from salesflow.facts._faults import Reading

        zone = self.zone or ("UTC" if self.period is None else self.period.zone)
        return Reading(self.columns or {}, zone, self.currency or XXX)

    @property
    def is_grouped(self) -> bool:
        """Whether there is a result for each group, not one."""
        return bool(self.by) or self.every is not None

    @property
    def is_dated(self) -> bool:
        """Whether a row without a date has no place."""
        return self.period is not None or self.every is not None


def make_call(
    by: By | None,
    every: str | None,
    options: Options,
    *,
    needs_as_of: bool = False,
    lacks: Sequence[str] = (),
) -> Call:
    """The options of a call, refused where they make no sense.

    Args:
        by: what to group by.
        every: what to cut time into.
        options: the others.
        needs_as_of: whether ``as_of`` is among them in any case.
        lacks: the options of other metrics that this one does not have, which no hint names.

    Raises:
        OptionError: for an option that does not exist, or a value it does not take.
        NaiveDatetimeError: for an ``as_of`` without a zone.
        UnknownCurrencyError: for a code that ISO 4217 does not list.
        UnknownZoneError: for a zone that the IANA database does not list.
    """
    unknown = sorted(set(options) - set(_NAMES))
    if unknown:
        msg = f"cannot take option {one_of(unknown)}: this metric does not have it"
        names = [name for name in ("by", "every", *_NAMES) if name not in {*unknown, *lacks}]
        hint = f"did you mean {one_of(closest(unknown[0], names))}?"
        raise OptionError(msg, hint=hint, parameter=unknown[0], value=None)
    for name, (kind, hint) in _TYPES.items():
        value = options.get(name)
        if value is not None and not isinstance(value, kind):
            msg = f"cannot take {name}={value!r}: it is no {kind.__name__}"
            raise OptionError(msg, hint=hint, parameter=name, value=value)
    _check_mappings(options)
    if needs_as_of or options.get("as_of") is not None:
        require_aware(options["as_of"], "as_of")
    if options.get("currency") is not None:
        to_currency(options["currency"])
    if options.get("zone") is not None:
        get_zone(str(options["zone"]))
    if every is not None:
        check_choice("every", every, get_args(Every))
    if options.get("calendar") is not None and every is None:
        msg = "cannot take calendar: nothing is cut by it"
        hint = "give every='month' or so, or a period made by the calendar."
        raise OptionError(msg, hint=hint, parameter="calendar", value=options["calendar"])
    is_one = isinstance(by, str) or by is None
    return Call(by=to_names(by), one_column=is_one, every=every, **options)  # type: ignore[arg-type]


def _check_mappings(options: Options) -> None:
    """Refuse names of columns and stages that are no texts, and outcomes that there are not."""
    for name in ("columns", "outcomes", "stages"):
        for value, meaning in (options.get(name) or {}).items():  # type: ignore[attr-defined]
            if not isinstance(meaning, str):
                msg = f"cannot take {name}={{{value!r}: {meaning!r}}}: {meaning!r} is no text"
                hint = "give a mapping of texts."
                raise OptionError(msg, hint=hint, parameter=name, value=meaning)
            if name == "outcomes" and meaning not in _OUTCOMES:
                msg = f"cannot take outcomes={{{value!r}: {meaning!r}}}: it is no outcome of ours"
                hint = f"give {one_of(closest(meaning, _OUTCOMES))}."
                raise OptionError(msg, hint=hint, parameter=name, value=meaning)


def to_names(by: object) -> tuple[str, ...]:
    """The columns to group by.

    Raises:
        OptionError: for anything but a name, or several.
    """
    several = by if isinstance(by, Iterable) and not isinstance(by, str) else (by,)
    names = () if by is None else tuple(several)
    for name in names:
        if not isinstance(name, str):
            msg = f"cannot group by {by!r}: {name!r} is no name of a column"
            raise OptionError(msg, hint="give a name, or several.", parameter="by", value=by)
    return names


def check_choice(parameter: str, value: object, choices: Sequence[str]) -> None:
    """Refuse a value that is not one of the choices."""
    if value not in choices:
        msg = f"cannot take {parameter}={value!r}"
        raise OptionError(msg, hint=f"give {one_of(choices)}.", parameter=parameter, value=value)
