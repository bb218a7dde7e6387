"""Load a deal, and save what became of it: all of it or nothing, and never over a newer version."""

from collections.abc import Callable

from sqlalchemy import select, update
from sqlalchemy.orm import Session, sessionmaker

import salesflow as sf

from .tables import DealRow, EventRow, columns_of


class StaleDealError(Exception):
    """Someone else stored a newer version of the deal. Nothing was written."""

    def __init__(self, deal_id: str, seen: int, present: int | None) -> None:
        """Which deal, the version that was read, and the one stored now; None if it is gone."""
        super().__init__(deal_id, seen, present)
        self.deal_id, self.seen, self.present = deal_id, seen, present

    def __str__(self) -> str:
        now = "it is gone" if self.present is None else f"version {self.present} is stored now"
        return f"cannot save deal '{self.deal_id}' over version {self.seen}: {now}"


def load(session: Session, deal_id: str) -> sf.Deal:
    """The stored deal, checked; ``NoResultFound`` if there is none."""
    row = session.execute(
        select(DealRow.version, DealRow.fields).where(DealRow.id == deal_id)
    ).one()
    events = session.scalars(
        select(EventRow.event)
        # Between the two queries someone may have added events: they are not of this version.
        .where(EventRow.deal_id == deal_id, EventRow.n <= row.version)
        .order_by(EventRow.n)
    )
    return sf.Deal.model_validate({**row.fields, "history": events.all()})


def save(session: Session, deal: sf.Deal, *, before: sf.Deal | None = None) -> None:
    """Store a new deal, or what became of ``before``, the deal as it was loaded. You commit."""
    seen = before.version if before else 0
    if before and (deal.id, deal.history[:seen]) != (before.id, before.history):
        msg = f"cannot save deal '{deal.id}': it was not made from the one it replaces"
        raise ValueError(msg)
    if before is None:
        session.add(DealRow(**columns_of(deal)))
        session.flush()
    else:
        # The row is asked for and written in one statement, so one of two writers finds it changed.
        stored = DealRow.id == deal.id
        newer = update(DealRow).where(stored, DealRow.version == seen).values(columns_of(deal))
        if session.scalar(newer.returning(DealRow.id)) is None:
            present = session.scalar(select(DealRow.version).where(stored))
            raise StaleDealError(deal.id, seen, present)
    for n, event in enumerate(deal.history[seen:], seen + 1):
        session.add(EventRow(deal_id=deal.id, n=n, event=event.model_dump(mode="json")))


def change(
    sessions: sessionmaker[Session],
    deal_id: str,
    verb: Callable[[sf.Deal], sf.Deal],
    *,
    tries: int = 5,
) -> sf.Deal:
    """Load, move and save a deal; where someone was faster, load again and decide again."""
    while True:
        tries -= 1
        try:
            with sessions.begin() as session:
                before = load(session, deal_id)
                after = verb(before)
                save(session, after, before=before)
        except StaleDealError:
            if tries <= 0:
                raise
        else:
            return after
