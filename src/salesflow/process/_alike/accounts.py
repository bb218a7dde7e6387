"""Accounts: what is compared of them, and how sure it is that two are one."""

from collections.abc import Iterator, Mapping
from itertools import product

import attrs

from salesflow.models import Account
from salesflow.process._alike.given import (
    NOTHING,
    Found,
    Key,
    chance,
    on_line,
    same_phone,
    texts,
    told_names,
)
from salesflow.process._alike.names import DIFFERENT, Counts, Name, alike, firm_name, folded
from salesflow.process._alike.written import (
    Phone,
    domain_of,
    label_of,
    mail_of,
    phone_key,
    phone_of,
)


@attrs.frozen(eq=False)
class AccountTraits:
    """What is compared of an account."""

    id: str
    name: Name | None
    domains: frozenset[str]
    phones: tuple[Phone, ...]
    place: dict[str, str]
    """Its country and its city, as far as they are known."""
    family: frozenset[str]
    """Its own id, and that of the account it belongs to."""

    def marks(self) -> Iterator[Key]:
        """What to look for in other records."""
        for domain in self.domains:
            yield "domain", domain
        for phone in self.phones:
            yield "phone", phone_key(phone)
        labels = {label_of(domain) for domain in self.domains}
        for label in labels | ({self.name.joined} if self.name else set()):
            yield "company", label


def account_traits(account: Account, ids: Mapping[str, str]) -> AccountTraits:
    """What is compared of an account: its fields, and keys of its own.

    Args:
        account: the account.
        ids: the ids that merged accounts go by.
    """
    custom = account.custom
    mails = (mail_of(text) for text in texts(custom.get("email")))
    hosts = [account.domain, *texts(custom.get("domain")), *(mail.domain for mail in mails if mail)]
    domains = (domain_of(host) for host in hosts if host)
    phones = {phone_of(text) for text in texts(custom.get("phone"))} - {None}
    parent = account.parent_id
    place = {"country": account.country, "city": account.city}
    return AccountTraits(
        account.id,
        firm_name(account.name),
        frozenset(domain for domain in domains if domain),
        tuple(phone for phone in phones if phone),
        {what: folded(where).strip() for what, where in place.items() if where},
        frozenset((account.id,) if parent is None else (account.id, ids.get(parent, parent))),
    )


# Weights, as logarithms of odds. Two firms seldom have one name, as two people often do.
_NAME = 1.85
_NAMES = ((0.65, -3.5), (0.75, -1.5), (0.85, -0.8), (0.95, -0.4), (1.0, 0.0))
_SAME_DOMAIN = 1.5
_LEAST_WITH_DOMAIN = 1.386  # 0.8, as with other names
_OTHER_ENDING = 0.5
_OTHER_DOMAIN = -1.0
_SAME_PHONE = 1.5
_SAME_PLACE = {"country": 0.2, "city": 0.4}
_OTHER_PLACE = {"country": -0.8, "city": -0.5}
_CODE = 2  # letters of the code of a country

_DOMAIN_OTHER_NAMES = 0.8


def accounts_alike(one: AccountTraits, other: AccountTraits, _: Counts) -> Found:
    """How sure it is that two accounts are one: by their names, domains, phones and places."""
    if one.name is None or other.name is None or one.family & other.family:
        return NOTHING  # a firm and its subsidiary are two
    likeness = alike(one.name, other.name)
    domains = [f"same domain {domain}" for domain in sorted(one.domains & other.domains)]
    if likeness <= DIFFERENT and not domains:
        return NOTHING
    told = [*domains, told_names("name", one.name, other.name, likeness)]
    if likeness <= DIFFERENT:
        return _DOMAIN_OTHER_NAMES, told
    evidence = _NAME + on_line(_NAMES, likeness)
    if domains:
        evidence = max(evidence + _SAME_DOMAIN, _LEAST_WITH_DOMAIN)
    phone = same_phone(one.phones, other.phones)
    evidence += _SAME_PHONE if phone else 0
    told += phone
    for weight, why in ((0.0, "") if domains else _domains(one, other), *_places(one, other)):
        evidence += weight
        told += [why] if why else []
    return chance(evidence), told


def _domains(one: AccountTraits, other: AccountTraits) -> tuple[float, str]:
    """What two domains tell that are not the same."""
    if not one.domains or not other.domains:
        return 0.0, ""
    pairs = [*product(sorted(one.domains), sorted(other.domains))]
    for a, b in pairs:
        if label_of(a) == label_of(b):
            return _OTHER_ENDING, f"domains alike: {' / '.join(sorted((a, b)))}"
    return _OTHER_DOMAIN, f"other domain: {' / '.join(min(sorted(pair) for pair in pairs))}"


def _places(one: AccountTraits, other: AccountTraits) -> Iterator[tuple[float, str]]:
    for what, weight in _SAME_PLACE.items():
        places = sorted(where[what] for where in (one.place, other.place) if what in where)
        if len(places) == 1 or not places:
            continue
        if places[0] == places[1]:
            yield weight, f"same {what}"
        elif len({len(place) <= _CODE for place in places}) == 1:
            yield _OTHER_PLACE[what], f"other {what}: {' / '.join(places)}"
