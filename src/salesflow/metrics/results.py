"""The results of the metrics: values that say what they counted and what they left out."""

from collections.abc import Iterator, Mapping
from datetime import datetime
from typing import Any, ClassVar, Generic, TypeVar, cast, get_type_hints

import attrs

from salesflow.metrics._display import Share
from salesflow.metrics._export import Exported
from salesflow.metrics._kinds import kind_of, reasons_text
from salesflow.models import JsonMap
from salesflow.money import XXX, Money
from salesflow.periods import Calendar

R = TypeVar("R", bound="Result")

Reasons = Mapping[str, int]
"""Why rows were left out, and how many."""


_NO_REASONS = JsonMap()


def _frozen_reasons(reasons: Reasons) -> Reasons:
    # Most have none, and a breakdown has many: they share one.
    return cast("Reasons", JsonMap(reasons) if reasons else _NO_REASONS)


@attrs.frozen(kw_only=True)
class Result(Exported):
    """What every result says.

    Attributes:
        as_of: the instant the data was taken at; None for as it stands.
        currency: the currency of its amounts.
        left_out: why rows were left out, and how many of each.
        assumed: what is unknown of rows that were counted all the same, and of how many.
        notes: what a frame could not tell, and how it was read; none over deals.
    """

    trend_note: ClassVar[str] = ""
    """What a reader of a row per period should know."""
    headline: ClassVar[str] = "value"
    """The number that speaks for all; the first one where there is none of this name."""

    as_of: datetime | None = None
    currency: str = XXX
    left_out: Reasons = attrs.field(factory=dict, converter=_frozen_reasons)
    assumed: Reasons = attrs.field(factory=dict, converter=_frozen_reasons)
    notes: tuple[str, ...] = ()

    def to_dict(self) -> dict[str, Any]:
        """Its values by name, then what it says about them; in a nested result ``outer.inner``."""
        shown: dict[str, Any] = {}
        # What every result says is of the base class, and would come first.
        for field in sorted(attrs.fields(type(self)), key=_is_about):
            value = getattr(self, field.name)
            if isinstance(value, Result):
                inner = value.to_dict()
                shown |= {f"{field.name}.{name}": inner[name] for name in inner if _is_own(name)}
            elif field.name in ("left_out", "assumed"):
                shown[field.name] = dict(value)
            elif field.name != "notes":
                shown[field.name] = value
        return shown

    def to_dicts(self) -> list[dict[str, Any]]:
        """One row, as a `Breakdown` has one for each group."""
        return [self.to_dict()]

    def summary_row(self) -> dict[str, Any]:
        """What a table shows of it."""
        return {name: value for name, value in self.to_dict().items() if _is_own(name)}

    def _shown_rows(self) -> list[dict[str, Any]]:
        return [self.summary_row()]

    def _shown_notes(self) -> list[str]:
        return _notes(self)

    def _template(self) -> tuple[dict[str, Any], dict[str, str]]:
        return self.to_dict(), _kinds_of(type(self))


def _kinds_of(result: type[Result]) -> dict[str, str]:
    """What the columns of `to_dict` hold, as far as the types of the fields tell."""
    kinds: dict[str, str] = {}
    hints = get_type_hints(result)
    for field in attrs.fields(result):
        hint = hints[field.name]
        if isinstance(hint, type) and issubclass(hint, Result):
            inner = _kinds_of(hint)
            kinds |= {f"{field.name}.{name}": inner[name] for name in inner if _is_own(name)}
        elif (kind := kind_of(hint)) is not None:
            kinds[field.name] = kind
    return kinds


_ABOUT = ("as_of", "currency", "left_out", "assumed")


def _is_about(field: "attrs.Attribute[Any]") -> bool:
    return not _is_own(field.name)


def _is_taken(name: str, values: dict[str, Any]) -> bool:
    return name in values and name != "currency"


def _is_own(name: str) -> bool:
    return name.rpartition(".")[2] not in _ABOUT


def _notes(result: "Result | Breakdown[Any]") -> list[str]:
    """What stands below a table: as of when, what was left out, and what was assumed."""
    notes = [] if result.as_of is None else [f"as of {result.as_of.isoformat()}"]
    for what, reasons in (("left out", result.left_out), ("counted with", result.assumed)):
        listed = reasons_text(reasons)
        notes += [f"{what}: {listed}"] if listed else []
    return [*notes, *result.notes]


@attrs.frozen
class Rate(Result):
    """A share: what part of the one is the other.

    Attributes:
        value: numerator ÷ denominator, 0 to 1; None if the denominator is 0.
        numerator: a count, or money if weighted by value.
        denominator: a count, or money if weighted by value.
        interval: the 95 % Wilson score interval of a rate of counts; None on 0, and for money.
    """

    value: float | None
    numerator: int | Money
    denominator: int | Money
    interval: tuple[float, float] | None


def share_of(rate: Rate) -> Share:
    """A rate in one cell of a table."""
    return Share(rate.value, rate.numerator, rate.denominator)


@attrs.frozen
class DealSize(Result):
    """How large won deals are.

    Attributes:
        mean: their mean amount; None without one.
        median: their median amount; None without one.
        total: their amounts together.
        n_priced: how many have an amount, zero included.
        n_unpriced: how many have none, or no rate to convert it.
    """

    mean: Money | None
    median: Money | None
    total: Money
    n_priced: int
    n_unpriced: int


@attrs.frozen
class NewPipeline(Result):
    """How much new business was opened.

    Attributes:
        n_created: the deals created.
        total: their amounts together.
        n_priced: how many have an amount, zero included.
        n_unpriced: how many have none, or no rate to convert it.
    """

    headline: ClassVar[str] = "total"

    n_created: int
    total: Money
    n_priced: int
    n_unpriced: int


@attrs.frozen
class WeightedPipeline(Result):
    """How much the open deals are worth, each by its chance.

    Attributes:
        total: amount × probability of each, rounded, together.
        n_weighted: how many have both.
        unweighted: the amounts of the same deals together.
        n_open: the open deals, those without amount or probability too.
    """

    total: Money
    n_weighted: int
    unweighted: Money
    n_open: int


@attrs.frozen
class Coverage(Result):
    """Whether what is open is enough for the quota.

    Attributes:
        value: open_amount ÷ left; None where the quota is met, or missing.
        open_amount: the open deals expected to close in the period.
        quota: what is to be won in it; None for a group that was given none.
        won: what was won in it.
        left: quota less won, below 0 by what was won beyond it; None without a quota.
        met: whether won is quota or more; False without a quota.
    """

    value: float | None
    open_amount: Money
    quota: Money | None
    won: Money
    left: Money | None
    met: bool


@attrs.frozen
class CycleTime(Result):
    """How long deals take to close.

    Attributes:
        mean_days: the mean; None without one. [days]
        median_days: the median; None without one. [days]
        n: how many were measured.
        km_median_days: the days within which half close, those too that have not yet, as Kaplan
            and Meier estimate it; None where that is not reached, and unless asked for. [days]
        km_interval: the ends of its 95 % interval, each None where it is not reached; None without
            a deal, and unless asked for. [days]
        n_censored: how many were seen for a while only; None unless asked for.
    """

    mean_days: float | None
    median_days: float | None
    n: int
    km_median_days: float | None = None
    km_interval: tuple[float | None, float | None] | None = None
    n_censored: int | None = None

    def summary_row(self) -> dict[str, Any]:
        """What a table shows of it: the estimate where it was asked for."""
        row = {"mean_days": self.mean_days, "median_days": self.median_days, "n": self.n}
        if self.n_censored is None:
            return row
        return row | {
            "km_median_days": self.km_median_days,
            "km_interval_days": self.km_interval,
            "n_censored": self.n_censored,
        }


_OPEN_NOW = "n_open, and so per_day: the deals open at as_of, the same in every row"


@attrs.frozen
class Velocity(Result):
    """How much revenue the open deals bring in a day.

    Attributes:
        per_day: the product of its inputs; None if one is unknown or the cycle is 0.
        n_open: the deals open at ``as_of``.
        win_rate: won ÷ (won + lost).
        average_deal_size: the mean amount of won deals.
        cycle_days: the mean cycle of won deals. [days]
    """

    trend_note: ClassVar[str] = _OPEN_NOW

    per_day: Money | None
    n_open: int
    win_rate: float | None
    average_deal_size: Money | None
    cycle_days: float | None


@attrs.frozen
class Number(Result):
    """A measure of one's own.

    Attributes:
        value: a number, or money; None where it is undefined.
        unit: ``days``, or None for money and plain numbers.
    """

    value: float | int | Money | None
    unit: str | None = None

    def summary_row(self) -> dict[str, Any]:
        """What a table shows of it."""
        return {self.unit or "number": self.value}


@attrs.frozen
class LossReason(Result):
    """How often deals are lost for a reason.

    Attributes:
        n: the deals lost for it.
        share: of all that were lost, in the same group and period; None where nothing was.
        total: their amounts together.
        n_unpriced: how many have none, or no rate to convert it.
    """

    headline: ClassVar[str] = "share"

    n: int
    share: float | None
    total: Money
    n_unpriced: int


@attrs.frozen
class Touchpoints(Result):
    """How many touches deals take.

    Attributes:
        per_deal: the mean of all deals; None without one.
        n_deals: how many there are.
        n_touches: their touches together.
        per_win: the mean of won deals; None without one.
        n_won: how many were won.
        to_first_meeting: the mean number of touches up to and including the first meeting, of deals
            that had one; None without one.
        n_met: how many had one.
    """

    per_deal: float | None
    n_deals: int
    n_touches: int
    per_win: float | None
    n_won: int
    to_first_meeting: float | None
    n_met: int


@attrs.frozen
class Summary(Result):
    """The numbers of a pipeline at a glance."""

    headline: ClassVar[str] = "win_rate.value"
    trend_note: ClassVar[str] = _OPEN_NOW

    n_created: int
    n_open: int
    n_won: int
    n_lost: int
    win_rate: Rate
    conversion_rate: Rate
    average_deal_size: DealSize
    total_won: Money
    cycle_time: CycleTime
    pipeline_velocity: Velocity

    def summary_row(self) -> dict[str, Any]:
        """What a table shows of it."""
        counts = {name: getattr(self, name) for name in ("n_created", "n_open", "n_won", "n_lost")}
        return counts | {
            "win_rate": share_of(self.win_rate),
            "average_deal_size": self.average_deal_size.mean,
            "total_won": self.total_won,
            "cycle_days": self.cycle_time.mean_days,
            "per_day": self.pipeline_velocity.per_day,
        }


@attrs.frozen(eq=False, repr=False)
class Breakdown(Exported, Mapping[Any, R], Generic[R]):
    """A result for each group: a mapping from its key.

    The key is the value of the column that was grouped by, a `Period`, or a tuple where there are
    several; a missing value is None, and stands last.
    """

    names: tuple[str, ...]
    """What the parts of a key are called."""
    _results: Mapping[Any, R]
    as_of: datetime | None = attrs.field(default=None, kw_only=True)
    """The instant the data was taken at; None for as it stands."""
    calendar: Calendar | None = attrs.field(default=None, kw_only=True)
    """The zone and fiscal year that time was cut by; None without ``every``."""
    currency: str = attrs.field(default=XXX, kw_only=True)
    """The currency of groups without amounts: that of all others, where they have one."""
    left_out: Reasons = attrs.field(factory=dict, kw_only=True, converter=_frozen_reasons)
    """What all groups left out together."""
    assumed: Reasons = attrs.field(factory=dict, kw_only=True, converter=_frozen_reasons)
    """What is unknown of rows that were counted all the same, in all groups together."""
    notes: tuple[str, ...] = attrs.field(default=(), kw_only=True)
    """What a frame could not tell, and how it was read; none over deals."""
    _has_tuples: bool = attrs.field(default=False, kw_only=True)
    # Whether keys are tuples of parts; a single part may itself be one.
    _blank: Result | None = attrs.field(default=None, kw_only=True)
    # What a group without any row would give: the columns of a frame without groups.

    def __getitem__(self, key: Any) -> R:
        return self._results[key]

    def __iter__(self) -> Iterator[Any]:
        return iter(self._results)

    def __len__(self) -> int:
        return len(self._results)

    def to_dicts(self) -> list[dict[str, Any]]:
        """A row for each group: the parts of its key, then its values."""
        return [self._row(self._key(k), r.to_dict()) for k, r in self._results.items()]

    @staticmethod
    def _row(key: dict[str, Any], values: dict[str, Any]) -> dict[str, Any]:
        # By currency, the key stands: a result without amounts may have another. Any other key
        # that is called as a value is gives way to it.
        named = {f"by.{n}" if _is_taken(n, values) else n: part for n, part in key.items()}
        return named | {n: value for n, value in values.items() if n not in named}

    def _key(self, key: Any) -> dict[str, Any]:
        parts = key if self._has_tuples else (key,)
        return dict(zip(self.names, parts, strict=True))

    def _shown_key(self, key: Any) -> dict[str, str | None]:
        # As text, or a number to group by would read as a share.
        return {n: None if part is None else str(part) for n, part in self._key(key).items()}

    def _shown_rows(self) -> list[dict[str, Any]]:
        return [self._row(self._shown_key(k), r.summary_row()) for k, r in self._results.items()]

    def _shown_notes(self) -> list[str]:
        return [*_notes(self), *self._trend_notes()]

    def _n_keys(self) -> int:
        return len(self.names)

    def _template(self) -> tuple[dict[str, Any], dict[str, str]]:
        example = next(iter(self._results.values()), self._blank)
        values, kinds = (
            ({}, {}) if example is None else (example.to_dict(), _kinds_of(type(example)))
        )
        row = self._row(dict.fromkeys(self.names), values)
        if self.calendar is not None:
            kinds[[*row][len(self.names) - 1]] = "period"
        return row, kinds

    def _trend_notes(self) -> list[str]:
        """What cut the time, and what a reader of a row per period should know."""
        if self.calendar is None:
            return []
        begin = f", years from month {self.calendar.first_month}"
        cut = f"cut in {self.calendar.zone}{begin if self.calendar.first_month > 1 else ''}"
        return [cut, *sorted({r.trend_note for r in self._results.values()} - {""})]

    def __repr__(self) -> str:
        return f"<Breakdown by {', '.join(self.names)}: {len(self)} groups>"
