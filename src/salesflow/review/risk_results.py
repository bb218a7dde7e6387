"""What `risks` finds: one result for each deal at risk, with the facts and what to do."""

from collections.abc import Iterator, Mapping, Sequence
from datetime import date, datetime
from typing import Any, ClassVar, Generic, Literal, TypeVar, get_type_hints, overload

import attrs

from salesflow.metrics._export import Exported
from salesflow.metrics._kinds import kind_of, reasons_text
from salesflow.models import JsonMap
from salesflow.models._base import Precision
from salesflow.money import Money

ThresholdFrom = Literal["stale_after", "won_visits", "given"]
"""Where a threshold comes from: the stage, the visits of won deals, or the call."""


@attrs.frozen(kw_only=True)
class Risk:
    """A deal that needs somebody.

    Attributes:
        deal_id: the deal.
        name: what people call it.
        owner_id: who owns it.
        stage: where it is.
        amount: what it is worth; None is unknown.
        action: what to do next: the first of what is unmet, or else what the risk asks for.
        unmet: all that is missing: what its next move requires, and the open tasks of its stage.
        days: how long; what it counts is said by each kind. [days]
    """

    risk: ClassVar[str] = "risk"
    """What it is called."""

    deal_id: str
    name: str | None
    owner_id: str | None
    stage: str | None
    amount: Money | None
    action: str
    unmet: tuple[str, ...]
    days: float

    def to_dict(self) -> dict[str, Any]:
        """Its values by name; the days and what belongs to them before the action."""
        shown = {field.name: getattr(self, field.name) for field in attrs.fields(type(self))}
        last = {name: shown.pop(name) for name in ("action", "unmet")}
        currency = None if self.amount is None else self.amount.currency
        return {"risk": self.risk, **shown, "currency": currency, **last}


@attrs.frozen(kw_only=True)
class Stalled(Risk):
    """A deal that has been in its stage for too long; ``days`` since the clock began.

    Attributes:
        since: when it entered the stage, or was last worked on.
        since_precision: whether that is an instant, or a whole day.
        threshold_days: how long is long enough; it was exceeded. [days]
        threshold_from: ``stale_after`` of the stage, or ``won_visits``.
        n_visits: how many visits of won deals the threshold was learned from; None if it was not.
    """

    risk: ClassVar[str] = "stalled"

    since: datetime
    since_precision: Precision
    threshold_days: float
    threshold_from: ThresholdFrom
    n_visits: int | None


@attrs.frozen(kw_only=True)
class Overdue(Risk):
    """An open deal whose expected close has passed; ``days`` since then, whole ones.

    Attributes:
        expected_close_on: the day.
    """

    risk: ClassVar[str] = "overdue"

    expected_close_on: date


@attrs.frozen(kw_only=True)
class Slipped(Risk):
    """An open deal whose expected close moved to a later day; ``days`` by which, on the whole.

    Attributes:
        n_times: how often it was moved to a later day.
        first_close_on: the day that was expected first.
        expected_close_on: the day that is expected now.
        since: when it was last moved to a later day.
    """

    risk: ClassVar[str] = "slipped"

    n_times: int
    first_close_on: date
    expected_close_on: date
    since: datetime


@attrs.frozen(kw_only=True)
class Quiet(Risk):
    """An open deal without a touch for too long; ``days`` since the last one.

    Attributes:
        since: when that was; when the deal was created, if there was none.
        since_precision: whether that is an instant, or a whole day.
        last_touch: what kind it was; None if there was none.
        threshold_days: how long is long enough; it was exceeded. [days]
        threshold_from: ``given``.
    """

    risk: ClassVar[str] = "quiet"

    since: datetime
    since_precision: Precision
    last_touch: str | None
    threshold_days: float
    threshold_from: ThresholdFrom


@attrs.frozen(kw_only=True)
class NoNextStep(Risk):
    """An open deal for which nothing is planned; ``days`` since it was last worked on.

    Attributes:
        since: when it was last worked on: an activity, or the entry into its stage.
        since_precision: whether that is an instant, or a whole day.
        missed: what kind of activity was planned last, and was not done; None if none was.
        missed_at: when that should have been.
    """

    risk: ClassVar[str] = "no_next_step"

    since: datetime
    since_precision: Precision
    missed: str | None
    missed_at: datetime | None


@attrs.frozen(kw_only=True)
class DueForRevisit(Risk):
    """A lost deal whose day to look at it again has come; ``days`` since then, whole ones.

    Attributes:
        revisit_on: the day.
        disposition: what the loss left behind.
        loss_reason: why it was lost.
    """

    risk: ClassVar[str] = "due_for_revisit"

    revisit_on: date
    disposition: str | None
    loss_reason: str | None


K = TypeVar("K", bound=Risk)

_NOT_SHOWN = ("risk", "currency", "unmet", "since_precision", "threshold_from")


@attrs.frozen(repr=False)
class Risks(Exported, Sequence[K], Generic[K]):
    """The deals at risk, the longest first: a list that never changes.

    Attributes:
        as_of: the instant that the deals were looked at.
        left_out: why deals were not asked, and how many of each.
        notes: what the numbers rest on, and what could not be told.
    """

    _kind: Any  # the class of the risks: Sphinx takes type[K] for the field `type` of events
    _found: tuple[K, ...]
    as_of: datetime = attrs.field(kw_only=True)
    left_out: Mapping[str, int] = attrs.field(kw_only=True, converter=JsonMap)
    notes: tuple[str, ...] = attrs.field(default=(), kw_only=True)

    @overload
    def __getitem__(self, index: int) -> K: ...
    @overload
    def __getitem__(self, index: slice) -> Sequence[K]: ...
    def __getitem__(self, index: int | slice) -> K | Sequence[K]:
        return self._found[index]

    def __len__(self) -> int:
        return len(self._found)

    def __iter__(self) -> Iterator[K]:
        return iter(self._found)

    def of(self, deal_id: str) -> K | None:
        """What was found of a deal; None if it is not at this risk."""
        return next((found for found in self._found if found.deal_id == deal_id), None)

    def to_dicts(self) -> list[dict[str, Any]]:
        """A row for each deal."""
        return [found.to_dict() for found in self._found]

    def _shown_rows(self) -> list[dict[str, Any]]:
        return [
            {name: value for name, value in row.items() if name not in _NOT_SHOWN}
            for row in self.to_dicts()
        ]

    def _shown_notes(self) -> list[str]:
        left_out = reasons_text(self.left_out)
        listed = [f"left out: {left_out}"] if left_out else []
        count = f"{len(self)} {self._kind.risk.replace('_', ' ')}"
        return [count, f"as of {self.as_of.isoformat()}", *listed, *self.notes]

    def _n_keys(self) -> int:
        return 1

    def _template(self) -> tuple[dict[str, Any], dict[str, str]]:
        hints = get_type_hints(self._kind)
        names = [field.name for field in attrs.fields(self._kind)]
        last = ["action", "unmet"]
        order = ["risk", *(n for n in names if n not in last), "currency", *last]
        kinds = {name: kind_of(hints[name]) for name in names}
        return dict.fromkeys(order), {n: kind for n, kind in kinds.items() if kind is not None}

    def __repr__(self) -> str:
        return f"<Risks {self._kind.risk}: {len(self)} deals>"
