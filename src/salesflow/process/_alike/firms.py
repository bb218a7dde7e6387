"""Firms: what a lead, a contact or a deal tells of its firm, and how alike two firms are."""

from collections.abc import Iterator
from functools import cache
from itertools import product

import attrs

from salesflow.models import Account
from salesflow.process._alike.given import Directory, Key, told_names
from salesflow.process._alike.names import Name, alike, firm_name
from salesflow.process._alike.written import domain_of, label_of


@attrs.frozen(eq=False)
class Firm:
    """The firm that somebody is of, as far as it is told."""

    account_id: str | None = None
    name: Name | None = None
    domains: frozenset[str] = frozenset()
    labels: frozenset[str] = frozenset()
    """Its name in one word: of its domains, and of its name."""

    def marks(self) -> Iterator[Key]:
        """What to look for in other records."""
        if self.account_id is not None:
            yield "account", self.account_id
        for domain in self.domains:
            yield "domain", domain
        for label in self.labels:
            yield "company", label


class FirmReader:
    """Reads firms; each firm, name and domain once."""

    def __init__(self, accounts: Directory[Account]) -> None:
        self._accounts = accounts
        self._name = cache(firm_name)
        self._domain = cache(domain_of)
        self.read = cache(self._read)

    def _read(
        self, account_id: str | None, companies: tuple[str, ...] = (), hosts: tuple[str, ...] = ()
    ) -> Firm:
        """The firm of an account, or of what else is told: its name, and hosts of it."""
        accounts = self._accounts.find((account_id,))
        told = [account.name for account in accounts] + [*companies]
        name = next((found for found in map(self._name, told) if found), None)
        sites = [account.domain for account in accounts if account.domain is not None]
        domains = {found for found in map(self._domain, (*sites, *hosts)) if found}
        labels = {label_of(domain) for domain in domains}
        if name is not None:
            labels.add(name.joined)
        known = self._accounts.id_of(account_id)
        return Firm(known, name, frozenset(domains), frozenset(labels))


OTHER = -1.0
"""The likeness of firms that are two."""

UNKNOWN = 0.0
"""The likeness of firms of which too little is told."""

_SAME_LABEL = 0.95
_NEARLY = 0.8
_NEARLY_DESPITE_DOMAIN = 0.85
_OTHER_DOMAIN = 0.7
_OTHER_ENDING = 0.9
_MIN_BEGINNING = 4
_BEGINNING = 0.75


def firms_alike(one: Firm, other: Firm) -> tuple[float, str]:
    """How alike two firms are, from 0 to 1, and why; `OTHER` if they are two, else `UNKNOWN`."""
    if one.account_id is not None and one.account_id == other.account_id:
        return 1.0, f"same account {one.account_id}"
    domains = one.domains & other.domains
    if domains:
        return 1.0, f"same domain {min(domains)}"
    if not one.labels or not other.labels:
        return UNKNOWN, ""
    if one.name is not None and other.name is not None:
        return _names_alike(one, other, one.name, other.name)
    return _labels_alike(one, other)


def _names_alike(one: Firm, other: Firm, name: Name, their_name: Name) -> tuple[float, str]:
    likeness = alike(name, their_name)
    told = told_names("company", name, their_name, likeness).replace("companys", "companies")
    if one.domains and other.domains:
        if likeness < _NEARLY_DESPITE_DOMAIN:
            return OTHER, _two(one, other)
        is_label = any(label_of(a) == label_of(b) for a, b in product(one.domains, other.domains))
        return (_OTHER_ENDING if is_label else _OTHER_DOMAIN) * likeness, told
    if likeness >= _NEARLY:
        return likeness, told
    return _labels_alike(one, other)


def _labels_alike(one: Firm, other: Firm) -> tuple[float, str]:
    """By what the domain of one says of the name of the other."""
    label = min(one.labels & other.labels, default=None)
    if label is not None:
        return _SAME_LABEL, f"company and domain alike: {label}"
    found = max(map(_beginning, product(one.labels, other.labels)), default=(0.0, "", ""))
    if found[0] and (one.name is None or other.name is None):
        return found[0], f"company and domain begin alike: {found[1]} / {found[2]}"
    return OTHER, _two(one, other)


def _beginning(labels: tuple[str, str]) -> tuple[float, str, str]:
    """What share of the longer one the shorter one begins."""
    short, long = sorted(labels, key=len)
    if len(short) < _MIN_BEGINNING or not long.startswith(short):
        return 0.0, "", ""
    return _BEGINNING + (1 - _BEGINNING) * len(short) / len(long), short, long


def _two(one: Firm, other: Firm) -> str:
    names = sorted(firm.name.text if firm.name else min(firm.domains) for firm in (one, other))
    return f"other company: '{names[0]}' / '{names[1]}'"
