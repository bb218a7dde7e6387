"""Deals as the tests of exports say them: small records, seeded, and the words each CRM has."""

import random
from collections.abc import Mapping
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Literal

import attrs

Shape = Literal["json", "csv"]

OPEN_STAGES = ("prospecting", "qualification", "meeting", "proposal", "negotiation")
STAGES = (*OPEN_STAGES, "won", "lost")
OWNERS = {"Kim Lee": "9001", "Noor Aziz": "9002", "Zoë Müller": "9003"}
"""Who owns deals, and the id that each has where a shape has ids."""
ACCOUNTS = {"Acme, Inc.": "7001", 'The "Best" Shop': "7002", "Café Zürich – Bar": "7003"}
REASONS = ("Budget", "No answer", "Lost to a competitor; later maybe")
CONTACT = "Robin Doe"


@attrs.frozen(kw_only=True)
class Sample:
    """A deal as the tests say it."""

    id: str
    name: str
    stage: str
    """The open stage that it is in, or was closed from."""
    outcome: Literal["open", "won", "lost"] = "open"
    amount: Decimal | None = None
    currency: str = "EUR"
    owner: str = "Kim Lee"
    account: str = "Acme, Inc."
    created: datetime
    closed: datetime | None = None
    expected: date | None = None
    reason: str | None = None
    probability: int | None = None
    """In percent, of an open one."""
    entries: tuple[tuple[str, datetime], ...] = ()
    """When it entered which stage, the closed one too."""
    # What makes a row odd.
    deleted: bool = False
    stage_word: str | None = None
    """What is written for the stage in place of its word."""
    flagged: Literal["open", "won", "lost"] | None = None
    """What the flags say, where they contradict the stage."""

    @property
    def flag(self) -> str:
        """What the flags say."""
        return self.flagged or self.outcome

    @property
    def now(self) -> str:
        """The stage that it is in."""
        return self.stage if self.outcome == "open" else self.outcome

    @property
    def percent(self) -> int | None:
        """The chance that a system shows."""
        return {"won": 100, "lost": 0}.get(self.outcome, self.probability)


def _words(*texts: str) -> dict[str, str]:
    return dict(zip(STAGES, texts, strict=True))


_HUBSPOT = _words(
    "appointmentscheduled",
    "qualifiedtobuy",
    "presentationscheduled",
    "decisionmakerboughtin",
    "contractsent",
    "closedwon",
    "closedlost",
)
_HUBSPOT_LABELS = _words(
    "Appointment Scheduled",
    "Qualified To Buy",
    "Presentation Scheduled",
    "Decision Maker Bought-In",
    "Contract Sent",
    "Closed Won",
    "Closed Lost",
)
_LIKE_SALESFORCE = _words(
    "Qualification",
    "Needs Analysis",
    "Value Proposition",
    "Proposal/Price Quote",
    "Negotiation/Review",
    "Closed Won",
    "Closed Lost",
)
_PIPEDRIVE_IDS = _words("1", "2", "3", "4", "5", "won", "lost")
_PIPEDRIVE = _words(
    "Qualified",
    "Contact Made",
    "Demo Scheduled",
    "Proposal Made",
    "Negotiations Started",
    "won",
    "lost",
)
_ODOO = _words("New", "Qualified", "Meeting", "Proposition", "Negotiation", "Won", "lost")
_CLOSE = _words(
    "Demo Completed", "Proposal Sent", "Contract Sent", "Verbal", "Negotiation", "Won", "Lost"
)
_GENERIC = _words(*STAGES)

STAGE_WORDS: Mapping[tuple[str, Shape], Mapping[str, str]] = {
    ("hubspot", "json"): _HUBSPOT,
    ("hubspot", "csv"): _HUBSPOT_LABELS,
    ("salesforce", "json"): _LIKE_SALESFORCE,
    ("salesforce", "csv"): _LIKE_SALESFORCE,
    ("pipedrive", "json"): _PIPEDRIVE_IDS,
    ("pipedrive", "csv"): _PIPEDRIVE,
    ("zoho", "json"): _LIKE_SALESFORCE,
    ("zoho", "csv"): _LIKE_SALESFORCE,
    ("odoo", "json"): _ODOO,
    ("odoo", "csv"): _ODOO,
    ("close", "json"): _CLOSE,
    ("close", "csv"): _CLOSE,
    ("generic", "json"): _GENERIC,
    ("generic", "csv"): _GENERIC,
}
"""What each shape writes for our stages; a stage of its own for a closed deal is not in all."""


def samples(n: int = 12, seed: int = 1, currency: str | None = None) -> list[Sample]:
    """Deals of each outcome by turns, of one currency if it is given.

    The first of each outcome has days after the twelfth, so that the format of a column of dates
    can be told.
    """
    rng = random.Random(seed)
    return [_sample(rng, number, currency) for number in range(n)]


def _sample(rng: random.Random, number: int, currency: str | None) -> Sample:
    outcome = ("open", "won", "lost")[number % 3]
    first_day = 13 if number < 3 else 1
    begin = datetime(2026, rng.randint(1, 3), rng.randint(first_day, 28), 9, tzinfo=UTC)
    created = begin + timedelta(minutes=rng.randint(0, 500))
    expected = date(2026, rng.randint(7, 12), rng.randint(first_day, 28))
    stage = rng.choice(OPEN_STAGES) if outcome != "won" else "negotiation"
    path = OPEN_STAGES[: OPEN_STAGES.index(stage) + 1]
    end = datetime(2026, rng.randint(4, 5), rng.randint(first_day, 28), 10, 30, tzinfo=UTC)
    step = (end - created) / (len(path) + 1)
    entries = [(name, _minute(created + step * n)) for n, name in enumerate(path)]
    closed = end if outcome != "open" else None
    return Sample(
        id=str(1001 + number),
        name=f"Deal {number + 1} for {rng.choice(('chairs', 'größere Tische', 'a, b; c'))}",
        stage=stage,
        outcome=outcome,
        amount=None if number % 5 == 4 else Decimal(rng.randint(100, 9_999_999)) / 100,
        currency=currency or rng.choice(("EUR", "USD")),
        owner=rng.choice([*OWNERS]),
        account=rng.choice([*ACCOUNTS]),
        created=created,
        closed=closed,
        expected=expected if rng.random() < 0.9 or number < 3 else None,
        reason=rng.choice(REASONS) if outcome == "lost" else None,
        probability=rng.choice((10, 25, 60)) if outcome == "open" else None,
        entries=(*entries, *([(outcome, end)] if closed else [])),
    )


def _minute(moment: datetime) -> datetime:
    """Without seconds, which many formats do not write."""
    return moment.replace(second=0, microsecond=0)
