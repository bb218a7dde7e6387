"""Accounts and contacts that rows of deals name."""

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from salesflow.models import Account, Contact

if TYPE_CHECKING:
    from salesflow.crm._fields import Values


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

    def of_deals(self, values: "Values") -> tuple[Sequence[str | None], Sequence[tuple[str, ...]]]:
        """For each row the id of its account, and those of its contacts."""
        accounts = self._accounts_of(values["account"], values["account_name"])
        names = values["contact_name"]
        several = [
            keys or (() if name is None else (name,))
            for keys, name in zip(values["contact"], names, strict=True)
        ]
        known = self._contacts
        for contacts, name, account in zip(several, names, accounts, strict=True):
            for contact in contacts:
                if contact not in known:
                    is_named = name is not None and len(contacts) == 1
                    known[contact] = (name if is_named else contact, account)
        return accounts, several

    def _accounts_of(
        self, ids: Sequence[str | None], names: Sequence[str | None]
    ) -> Sequence[str | None]:
        accounts = [key or name for key, name in zip(ids, names, strict=True)]
        known = self._accounts
        for account, name in zip(accounts, names, strict=True):
            if account is not None and known.get(account, account) == account:
                known[account] = name or account
        return accounts

    @property
    def accounts(self) -> tuple[Account, ...]:
        """The accounts, in the order in which they were met."""
        blank, of = _blank(Account), Account._trusted
        return tuple(of({**blank, "id": key, "name": name}) for key, name in self._accounts.items())

    @property
    def contacts(self) -> tuple[Contact, ...]:
        """The contacts, in the order in which they were met."""
        blank, of = _blank(Contact), Contact._trusted
        return tuple(
            of({**blank, "id": key, "name": name, "account_id": account})
            for key, (name, account) in self._contacts.items()
        )


def _blank(model: type[Account | Contact]) -> dict[str, Any]:
    """The fields of one of whom nothing is known. Texts that were read need no further check."""
    return {name: field.get_default() for name, field in model.model_fields.items()}
