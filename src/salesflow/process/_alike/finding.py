"""All pairs of records of one kind that are alike enough."""

from collections.abc import Callable, Sequence
from operator import attrgetter
from typing import Any, TypeAlias

import attrs

from salesflow.models import Account, Contact, Deal, Lead
from salesflow.process._alike.accounts import account_traits, accounts_alike
from salesflow.process._alike.blocks import Blocks
from salesflow.process._alike.given import Directory, Found
from salesflow.process._alike.names import Counts
from salesflow.process._alike.people import PersonReader, people_alike
from salesflow.process._alike.sales import SaleReader, sales_alike

Record: TypeAlias = Lead | Account | Deal | Contact

_PLACES = 4


@attrs.frozen
class FoundPairs:
    """The pairs found, in no order.

    Attributes:
        pairs: score, both ids in order, and the reasons.
        n_compared: how many were compared.
        left_out: what was not compared, or not known → how many records.
    """

    pairs: list[tuple[float, str, str, tuple[str, ...]]]
    n_compared: int
    left_out: dict[str, int]


def find(
    records: Sequence[Any],
    contacts: Directory[Contact],
    accounts: Directory[Account],
    threshold: float,
) -> FoundPairs:
    """The pairs with at least that score among records of one kind."""
    # In order of the ids, so that nothing depends on the order given.
    records = sorted(records, key=attrgetter("id"))
    traits, alike, left_out = _read(records, contacts, accounts)
    n_bare = sum(one.name is None and not any(one.marks()) for one in traits)
    left_out = {"nothing_to_compare": n_bare} | left_out
    blocks = Blocks(traits)
    pairs, n_compared = [], 0
    for first, second in blocks.pairs():
        n_compared += 1
        chance, reasons = alike(traits[first], traits[second], blocks.counts)
        score = round(chance, _PLACES)
        if score >= threshold and reasons:
            one, other = records[first], records[second]
            pairs.append((score, one.id, other.id, (*reasons, *_fates(one, other))))
    left_out |= dict(sorted(blocks.left_out.items()))
    return FoundPairs(pairs, n_compared, {what: n for what, n in left_out.items() if n})


def _read(
    records: Sequence[Any], contacts: Directory[Contact], accounts: Directory[Account]
) -> tuple[list[Any], Callable[[Any, Any, Counts], Found], dict[str, int]]:
    """What is compared of each record, how, and what was not given."""
    kind = next((kind for kind in (Account, Deal, Contact) if isinstance(records[0], kind)), Lead)
    if kind is Account:
        ids = {alias: one.id for one in records for alias in one.aliases}
        return [account_traits(one, ids) for one in records], accounts_alike, {}
    if kind is Deal:
        sales = SaleReader(accounts)
        deals = [sales.deal(one) for one in records]
        return deals, sales_alike, {"no_account": sales.n_without_account}
    people = PersonReader(contacts, accounts)
    read = people.contact if kind is Contact else people.lead
    found = [read(one) for one in records]
    missing = {"no_contact": people.n_without_contact, "no_account": people.n_without_account}
    return found, people_alike, missing


def _fates(one: Record, other: Record) -> list[str]:
    """What became of two deals or leads that would not become of one."""
    if not isinstance(one, Deal | Lead) or not isinstance(other, Deal | Lead):
        return []
    told = []
    if not one.is_open and not other.is_open and one.outcome != other.outcome:
        told.append(f"one is {one.outcome}, the other {other.outcome}")
    deals = [getattr(lead, "deal_id", None) for lead in (one, other)]
    if None not in deals and deals[0] != deals[1]:
        told.append(f"they became two deals, {deals[0]} and {deals[1]}")
    return told
