"""Who buys: `Account` (a firm) and `Contact` (a person)."""

from typing import ClassVar

from salesflow.models._base import EMPTY, JsonMap, Text, Value
from salesflow.money import Money


class Account(Value):
    """A firm that deals are made with.

    Example:
        >>> Account(id="A-1", name="Acme", domain="acme.example", n_employees=40).industry is None
        True
    """

    id: Text
    name: Text
    domain: Text | None = None
    """Its web domain, without scheme: ``acme.example``."""
    industry: Text | None = None
    country: Text | None = None
    city: Text | None = None
    n_employees: int | None = None
    annual_revenue: Money | None = None
    owner_id: Text | None = None
    parent_id: Text | None = None
    """The account it belongs to, as a subsidiary."""
    aliases: tuple[Text, ...] = ()
    """The ids of accounts merged into it."""
    custom: JsonMap = EMPTY

    _word: ClassVar = "account"


class Contact(Value):
    """A person to talk to.

    Example:
        >>> Contact(id="C-1", name="Kim", email="kim@acme.example").account_id is None
        True
    """

    id: Text
    name: Text
    email: Text | None = None
    phone: Text | None = None
    title: Text | None = None
    """The position held: ``CFO``."""
    account_id: Text | None = None
    owner_id: Text | None = None
    aliases: tuple[Text, ...] = ()
    """The ids of contacts merged into it."""
    custom: JsonMap = EMPTY

    _word: ClassVar = "contact"
