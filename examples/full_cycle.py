"""From a cold e-mail to a renewal: one lead and its deal, by the definition beside this file.

Run it with ``python examples/full_cycle.py``.
"""

from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import salesflow as sf

PIPELINE = sf.Pipeline.from_toml(Path(__file__).with_suffix(".toml"))
ACME = sf.Account(id="A-1", name="Acme", industry="software", n_employees=120)
START = datetime(2026, 1, 5, 9, tzinfo=UTC)


def day(n: int) -> datetime:
    """The n-th day of the story, at nine."""
    return START + timedelta(days=n)


def found() -> tuple[sf.Lead, sf.Deal]:
    """A lead of our own making: written to, scored, qualified, and converted."""
    leads = PIPELINE.leads
    assert leads is not None
    lead = leads.open("Acme", id="L-1", source="outbound", owner_id="kim", at=day(0))
    lead = leads.log(lead, "email", direction="outbound", at=day(0))
    lead = leads.advance(lead, at=day(1))
    for criterion, answer in {"need": "yes", "budget": "yes", "authority": "yes"}.items():
        lead = leads.answer(lead, "bant", criterion, answer, at=day(2), by="kim")
    print(sf.score(lead, ACME, profile=PIPELINE.profile), "\n")
    lead = leads.advance(lead, at=day(3))
    amount = sf.Money(12_000, "EUR")
    converted = leads.convert(lead, PIPELINE, id="D-1", amount=amount, at=day(4), by="kim")
    return converted.lead, converted.deal


def negotiated(deal: sf.Deal) -> sf.Deal:
    """Met, offered and negotiated; a manager allows the discount."""
    deal = PIPELINE.advance(deal, at=day(5))
    [blocked] = [move for move in PIPELINE.moves(deal) if move.to == "proposal"]
    print("What blocks the proposal:", blocked.blocked_by)
    deal = PIPELINE.log(deal, "meeting", at=day(9))
    deal = PIPELINE.advance(deal, at=day(10))
    deal = PIPELINE.update(deal, custom={"discount": 0.15}, at=day(11))
    manager = sf.Actor("lee", roles=["manager"])
    return PIPELINE.advance(deal, at=day(12), by=manager)


def lost_and_back(lead: sf.Lead, deal: sf.Deal) -> tuple[sf.Lead, sf.Deal]:
    """Lost for now; its lead is nurtured until the day to look again, and comes back with it."""
    leads, again = PIPELINE.leads, date(2026, 4, 1)
    assert leads is not None
    deal = PIPELINE.lose(deal, "budget", disposition="nurture", revisit_on=again, at=day(20))
    lead = leads.settle(lead, deal, at=day(20))
    print(f"The lead is {lead.stage} until {lead.revisit_on}")
    deal = PIPELINE.reopen(deal, to="proposal", reason="a new budget", at=again)
    return leads.settle(lead, deal, at=again), deal


if __name__ == "__main__":
    lead, deal = found()
    lead, deal = lost_and_back(lead, negotiated(deal))
    deal = PIPELINE.advance(deal, at=day(95), by=sf.Actor("lee", roles=["manager"]))
    deal = PIPELINE.win(deal, at=day(100))
    deal = PIPELINE.move(deal, to="follow_up", at=day(101))
    deal = PIPELINE.log(deal, "email", at=day(101))
    for task in sf.tasks(deal, PIPELINE, as_of=day(140)):
        print(f"{task.stage}: {task.title} ({task.state})")
    renewal = PIPELINE.renew(deal, id="D-2", at=day(420))
    assert (lead.outcome, deal.outcome, deal.stage) == ("converted", "won", "follow_up")
    assert renewal.links[0].target == deal.id
    print(f"{lead.stage} lead {lead.id}, {deal.outcome} deal {deal.id}, then {renewal.links[0]}")
