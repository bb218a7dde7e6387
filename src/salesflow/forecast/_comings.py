"""When a deal came into its pipeline: as it was created, and each time it was reopened."""

from collections.abc import Iterator
from itertools import pairwise
from typing import NamedTuple

from salesflow.facts.visits import visits_of
from salesflow.models import Deal
from salesflow.models.past import Cut


class Coming(NamedTuple):
    """One time that a deal came.

    Attributes:
        name: what it is called, as no other one is.
        deal: the deal.
        lacks: why it cannot come again; empty if it can.
        age: how long ago it was; None if that is unknown. [microseconds]
        stage: where it came to.
        again: whether the deal had been there before.
    """

    name: str
    deal: Deal
    lacks: str
    age: int | None
    stage: str
    again: bool


def comings(deal: Deal, cut: Cut) -> Iterator[Coming]:
    """Each time that a deal came, as far as it is known."""
    visits = visits_of(deal)
    age = cut.microseconds_since(deal.created_at, deal.created_precision)
    first = visits[0].stage if visits and visits[0].kind == "open" else ""
    lacks = "no_created_at" if age is None else "" if first else "no_stage"
    yield Coming(deal.id, deal, lacks, age, first, again=False)
    been = {first}
    for earlier, visit in pairwise(visits):
        if earlier.kind != "open" and visit.kind == "open":
            age = cut.microseconds_since(visit.entered_at, visit.entered_precision)
            # No id is expected to hold this character.
            name = f"{deal.id}\x1f{visit.visit}"
            lacks = "no_entered_at" if age is None else ""
            yield Coming(name, deal, lacks, age, visit.stage, again=visit.stage in been)
        been.add(visit.stage)
