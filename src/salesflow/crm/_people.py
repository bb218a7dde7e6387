"""Accounts and contacts that rows of deals name."""

from collections.abc import Mapping
from typing import Any

from salesflow.models import Account, Contact


def full_name(known: Mapping[str, Any]) -> str | None:
    """The name of a person: as it is given, else its parts."""
    parts = [known["first_name"], known["last_name"]]
    return known["name"] or " ".join(filter(None, parts)) or None


class People:
    """Gathers who the deals are made with.

    One that is known by name alone has its name as its id.
    """

    def __init__(self) -> None:
        """Begin with nobody."""
        self._accounts: dict[str, str] = {}
        self._contacts: dict[str, tuple[str, str | None]] = {}

    def of_deal(self, known: Any) -> tuple[str | None, tuple[str, ...]]:
        """The id of its account, and those of its contacts."""
        account = known.account or known.account_name
        if account is not None and self._accounts.get(account, account) == account:
            self._accounts[account] = known.account_name or account
        contacts: tuple[str, ...] = known.contact or ()
        name = known.contact_name
        if not contacts and name is not None:
            contacts = (name,)
        for contact in contacts:
            if contact not in self._contacts:
                shown = name if name is not None and len(contacts) == 1 else contact
                self._contacts[contact] = (shown, account)
        return account, contacts

    @property
    def accounts(self) -> tuple[Account, ...]:
        """The accounts, in the order in which they were met."""
        return tuple(Account(id=key, name=name) for key, name in self._accounts.items())

    @property
    def contacts(self) -> tuple[Contact, ...]:
        """The contacts, in the order in which they were met."""
        return tuple(
            Contact(id=key, name=name, account_id=account)
            for key, (name, account) in self._contacts.items()
        )
