"""Deals: what is compared of them, and how sure it is that two are one sale."""

from collections.abc import Iterator
from datetime import date

import attrs

from salesflow.models import Account, Deal
from salesflow.money import Money
from salesflow.process._alike.firms import OTHER, UNKNOWN, Firm, FirmReader, firms_alike
from salesflow.process._alike.given import (
    NOTHING,
    Directory,
    Found,
    Key,
    chance,
    on_line,
    told_names,
)
from salesflow.process._alike.names import DIFFERENT, Counts, Name, alike, firm_name


@attrs.frozen(eq=False)
class Sale:
    """What is compared of a deal."""

    id: str
    name: Name | None
    numbers: frozenset[str]
    """The numbers in its name, such as a year."""
    firm: Firm
    lead_id: str | None
    amount: Money | None
    days: dict[str, date]
    """When it was created, was closed and should close, as far as that is known."""
    own: frozenset[str]
    linked: frozenset[str]
    """The deals that it has a relation to, such as the one that it renews."""

    def marks(self) -> Iterator[Key]:
        """What to look for in other records."""
        yield from self.firm.marks()
        if self.lead_id is not None:
            yield "lead", self.lead_id


class SaleReader:
    """Reads deals.

    Attributes:
        n_without_account: deals of which the account was not given.
    """

    def __init__(self, accounts: Directory[Account]) -> None:
        self._accounts = accounts
        self._firms = FirmReader(accounts)
        self.n_without_account = 0

    def deal(self, deal: Deal) -> Sale:
        """What is compared of a deal."""
        self.n_without_account += self._accounts.lacks((deal.account_id,))
        name = firm_name(deal.name) if deal.name else None
        days = {
            "expected to close": deal.expected_close_on,
            "closed": deal.closed_at and deal.closed_at.date(),
            "created": deal.created_at and deal.created_at.date(),
        }
        return Sale(
            deal.id,
            name,
            frozenset(word for word in (name.words if name else ()) if _is_number(word)),
            self._firms.read(deal.account_id),
            deal.lead_id,
            deal.amount,
            {what: day for what, day in days.items() if day is not None},
            frozenset((deal.id, *deal.aliases)),
            frozenset(link.target for link in deal.links),
        )


def _is_number(word: str) -> bool:
    """Whether it is a year, a quarter or the like; Roman figures too."""
    return any(map(str.isdigit, word)) or not word.strip("ivx")


# Weights, as logarithms of odds. To have one account, or one name, is what deals often do.
_NAMES = ((0.65, -3.0), (0.75, -1.0), (0.85, -0.4), (1.0, 0.0))
_SAME_ACCOUNT = 1.0
_ACCOUNT_NAME = -0.8
_SAME_LEAD = 1.5
_SAME_AMOUNT = 1.0
_OTHER_AMOUNT = -1.0
_SAME_DAY = {"expected to close": 0.8, "closed": 0.8, "created": 0.4}
_FAR = {"expected to close": -1.2, "closed": -1.5, "created": -0.8}
_FAR_DAYS = 90


def sales_alike(one: Sale, other: Sale, _: Counts) -> Found:
    """How sure it is that two deals are one sale: account, name, amount and dates together."""
    if one.name is None or other.name is None or one.numbers != other.numbers:
        return NOTHING
    if one.linked & other.own or other.linked & one.own:
        return NOTHING  # a renewal is another sale
    likeness = alike(one.name, other.name)
    firm, why = firms_alike(one.firm, other.firm)
    if likeness <= DIFFERENT or firm == OTHER or _are_two_accounts(one.firm, other.firm, firm):
        return NOTHING
    told = [why] if why else []
    told.append(told_names("name", one.name, other.name, likeness))
    evidence = on_line(_NAMES, likeness) + _SAME_ACCOUNT * firm
    firms = {sale.firm.name.words for sale in (one, other) if sale.firm.name is not None}
    if not firms.isdisjoint((one.name.words, other.name.words)):
        evidence += _ACCOUNT_NAME
    if one.lead_id is not None and one.lead_id == other.lead_id:
        evidence += _SAME_LEAD
        told.append(f"same lead {one.lead_id}")
    if one.amount is not None and other.amount is not None:
        is_same = one.amount == other.amount
        evidence += _SAME_AMOUNT if is_same else _OTHER_AMOUNT
        amounts = sorted(map(str, (one.amount, other.amount)))
        told.append(f"same amount {amounts[0]}" if is_same else f"amounts {' / '.join(amounts)}")
    for weight, when in _days(one, other):
        evidence += weight
        told.append(when)
    return chance(evidence), told


def _are_two_accounts(one: Firm, other: Firm, likeness: float) -> bool:
    """Whether the accounts have two ids, and nothing tells that they are one firm."""
    ids = {one.account_id, other.account_id} - {None}
    return likeness == UNKNOWN and len(ids) > 1


def _days(one: Sale, other: Sale) -> Iterator[tuple[float, str]]:
    for what, weight in _SAME_DAY.items():
        if what not in one.days or what not in other.days:
            continue
        first, second = sorted((one.days[what], other.days[what]))
        apart = (second - first).days
        if apart == 0:
            yield weight, f"{what} on the same day {first}"
        elif apart > _FAR_DAYS:
            yield _FAR[what], f"{what} {apart} days apart"
