"""Short ways to write a book of deals down, for tests of numbers.

Days are those of January 2026 unless a date says more; amounts are euros unless money says more.
"""

from datetime import UTC, date, datetime
from typing import Any

from salesflow import Deal, Money, Pipeline

PIPELINE = Pipeline.standard()
NOW = datetime(2026, 6, 1, tzinfo=UTC)

When = int | date | None
Price = int | str | Money | None


def on(day: int, month: int = 1) -> date:
    """A day of 2026."""
    return date(2026, month, day)


def at(day: int, hour: int = 0, minute: int = 0, *, month: int = 1) -> datetime:
    """An instant of 2026, UTC."""
    return datetime(2026, month, day, hour, minute, tzinfo=UTC)


def eur(amount: int | str) -> Money:
    return Money(amount, "EUR")


def usd(amount: int | str) -> Money:
    return Money(amount, "USD")


def known(
    identity: str,
    stage: str,
    opened: When = None,
    closed: When = None,
    amount: Price = None,
    owner: str | None = None,
    **fields: Any,
) -> Deal:
    """A restored deal."""
    dates = [on(when) if isinstance(when, int) else when for when in (opened, closed)]
    return PIPELINE.restore(
        id=identity,
        stage=stage,
        created_at=dates[0],
        closed_at=dates[1],
        amount=amount if amount is None or isinstance(amount, Money) else eur(amount),
        owner_id=owner,
        **fields,
    )


def won(identity: str, *terms: Any, **fields: Any) -> Deal:
    """Won: opened, closed, amount, owner."""
    return known(identity, "won", *terms, **fields)


def lost(identity: str, *terms: Any, **fields: Any) -> Deal:
    """Lost: opened, closed, amount, owner."""
    return known(identity, "lost", *terms, **fields)


def still_open(
    identity: str,
    opened: When = None,
    amount: Price = None,
    owner: str | None = None,
    **fields: Any,
) -> Deal:
    """Open, in negotiation."""
    return known(identity, "negotiation", opened, None, amount, owner, **fields)


def entered(
    identity: str, stage: str, moment: datetime, amount: Price = None, **fields: Any
) -> Deal:
    """Open, in a stage since an instant; created then unless fields say otherwise."""
    return PIPELINE.restore(
        id=identity,
        stage=stage,
        visits=[(stage, moment)],
        amount=amount if amount is None or isinstance(amount, Money) else eur(amount),
        **{"created_at": moment, **fields},
    )


def lived(identity: str, *steps: tuple[Any, ...], **fields: Any) -> Deal:
    """A deal that went through the verbs.

    A step is ``(when, verb, argument)``: ``(at(1), "open")``, ``(at(5), "to", "meeting")``, which
    passes all stages up to there, ``(at(9), "win")``, ``(at(9), "lose")``,
    ``(at(12), "reopen", "meeting")``, ``(at(13), "owner", "lee")``.
    """
    (begin, verb), *rest = steps
    assert verb == "open"
    deal = PIPELINE.open(f"Deal {identity}", id=identity, at=begin, **fields)
    for when, verb, *argument in rest:
        deal = _STEPS[verb](deal, when, *argument)
    return deal


def _to(deal: Deal, when: date, stage: str) -> Deal:
    while deal.stage != stage:
        deal = PIPELINE.advance(deal, at=when)
    return deal


def _win(deal: Deal, when: date) -> Deal:
    return PIPELINE.win(_to(deal, when, "negotiation"), at=when)


def _lose(deal: Deal, when: date) -> Deal:
    return PIPELINE.lose(deal, "price", at=when)


def _reopen(deal: Deal, when: date, stage: str) -> Deal:
    return PIPELINE.reopen(deal, stage, reason="again", at=when)


def _owner(deal: Deal, when: date, owner: str) -> Deal:
    return PIPELINE.update(deal, owner_id=owner, at=when)


_STEPS: dict[str, Any] = {
    "to": _to,
    "win": _win,
    "lose": _lose,
    "reopen": _reopen,
    "owner": _owner,
}
