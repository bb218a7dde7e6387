"""`duplicates`: which records may be the same, how sure that is, and why."""

from collections.abc import Iterable, Iterator, Mapping
from types import MappingProxyType
from typing import Any, TypeVar

import attrs
from pydantic import BaseModel

from salesflow.errors import (
    DataError,
    DuplicateDealError,
    MissingExtraError,
    OptionError,
    SalesflowError,
    shown,
)
from salesflow.models import Account, Contact, Deal, Lead

R = TypeVar("R", Account, Contact)

_MAX_SHOWN = 20
_KINDS = (Lead, Account, Deal, Contact)


@attrs.frozen
class DuplicatePair:
    """Two records that may be the same.

    Attributes:
        one_id: the id that comes first in the order of texts.
        other_id: the other one.
        score: how sure it is. [0..1]
        reasons: what matches, and what speaks against it, in words.
    """

    one_id: str
    other_id: str
    score: float
    reasons: tuple[str, ...]

    def __str__(self) -> str:
        return f"{self.score:.2f} {self.one_id} = {self.other_id}: {'; '.join(self.reasons)}"


@attrs.frozen
class Duplicates:
    """The pairs found, the surest first; a collection of `DuplicatePair`.

    Attributes:
        pairs: the pairs, the surest first, then by their ids.
        threshold: the least score of them.
        n_records: how many records were given.
        n_compared: how many pairs of them were compared: those with something in common.
        left_out: what was not compared, or not known → how many records.
    """

    pairs: tuple[DuplicatePair, ...]
    threshold: float
    n_records: int
    n_compared: int
    left_out: Mapping[str, int]

    def __len__(self) -> int:
        return len(self.pairs)

    def __iter__(self) -> Iterator[DuplicatePair]:
        return iter(self.pairs)

    @property
    def groups(self) -> tuple[tuple[str, ...], ...]:
        """The ids that pairs connect, each group and all groups in order.

        One pair that is wrong connects two groups, so look at the pairs before you merge a group.
        """
        leads_to: dict[str, str] = {}
        for pair in self.pairs:
            ends = sorted((_end(leads_to, pair.one_id), _end(leads_to, pair.other_id)))
            leads_to[ends[1]] = ends[0]
        members: dict[str, list[str]] = {}
        for identity in sorted({*leads_to, *leads_to.values()}):
            members.setdefault(_end(leads_to, identity), []).append(identity)
        return tuple(tuple(ids) for _, ids in sorted(members.items()))

    def to_dicts(self) -> list[dict[str, Any]]:
        """One dict a pair."""
        return [attrs.asdict(pair) for pair in self.pairs]

    def __str__(self) -> str:
        lines = [str(pair) for pair in self.pairs[:_MAX_SHOWN]]
        if len(self.pairs) > _MAX_SHOWN:
            lines.append(f"and {len(self.pairs) - _MAX_SHOWN} more")
        lines += [f"left out: {n} ({what})" for what, n in self.left_out.items()]
        return "\n".join(lines or [f"no duplicates among {self.n_records}"])


def _end(leads_to: dict[str, str], identity: str) -> str:
    """The first id of the group, which a chain of ids leads to; the chain becomes short."""
    end = identity
    while leads_to.get(end, end) != end:
        end = leads_to[end]
    while leads_to.get(identity, end) != end:
        leads_to[identity], identity = end, leads_to[identity]
    return end


def duplicates(
    records: "Iterable[Lead] | Iterable[Account] | Iterable[Deal] | Iterable[Contact]",
    *,
    contacts: Mapping[str, Contact] | Iterable[Contact] = (),
    accounts: Mapping[str, Account] | Iterable[Account] = (),
    threshold: float = 0.85,
) -> Duplicates:
    """Which of these records may be the same?

    **Definition**: pairs with a score of at least ``threshold``. Only records with something in
    common are compared: an e-mail, a phone, a domain, a company, an account, a contact, a lead, or
    nearly a name. Leads and contacts are the same by nearly the same name, and beside it an e-mail,
    a phone or a firm; a name alone is never enough. Accounts by name, and domain, phone and place.
    Deals by name, and account, amount and dates; never by an account alone, nor where one renews
    the other. What speaks against it lowers the score: another firm, or e-mails of two names.

    A lead has the e-mail and phone of its contacts, the name and domain of its account, and the
    keys ``email``, ``phone``, ``company`` and ``domain`` of its ``custom``; accounts and contacts
    may have those keys too. In comparison, case, accents, order of words, legal forms (``Inc``,
    ``GmbH``), tags (``kim+crm@``), dots at Gmail, ``www.``, and the writing of phones do not count.
    Domains of mail providers are nobody's, and shared mailboxes (``info@``) tell the firm alone.

    Args:
        records: leads, accounts, deals or contacts; all of one kind.
        contacts: the contacts of the leads.
        accounts: the accounts of the records.
        threshold: the least score of a pair. [0..1]

    Returns:
        The pairs, the same in whatever order the records come. ``left_out`` says what was not
        compared: records with nothing to compare, and of blocks too large, who is in them. It also
        says of how many leads a contact or the account was not given.

    Raises:
        DataError: for anything else, or for several kinds at once.
        DuplicateDealError: for a deal id that is there twice, or beside one of its aliases.
        OptionError: for another id that is there twice; for a threshold that is none.
        MissingExtraError: without rapidfuzz, which the extra ``crm`` brings.

    Example:
        >>> from salesflow import Account
        >>> one = Account(id="A-1", name="Acme Inc", domain="acme.example")
        >>> two = Account(id="A-2", name="ACME GmbH", domain="https://www.acme.example/")
        >>> print(duplicates([one, two, Account(id="A-3", name="Apex")]))
        0.97 A-1 = A-2: same domain acme.example; names 1.00 alike: 'ACME GmbH' / 'Acme Inc'
    """
    _check_threshold(threshold)
    given = _listed(records)
    known = _by_id(contacts, Contact, "contacts"), _by_id(accounts, Account, "accounts")
    _require_rapidfuzz()
    from salesflow.process._alike.finding import find
    from salesflow.process._alike.given import Directory

    if not given:
        return Duplicates((), threshold, 0, 0, MappingProxyType({}))
    found = find(given, Directory(known[0]), Directory(known[1]), threshold)
    pairs = (
        DuplicatePair(one, other, score, reasons) for score, one, other, reasons in found.pairs
    )
    return Duplicates(
        tuple(sorted(pairs, key=lambda pair: (-pair.score, pair.one_id, pair.other_id))),
        threshold,
        len(given),
        found.n_compared,
        MappingProxyType(found.left_out),
    )


def _check_threshold(threshold: object) -> None:
    is_number = isinstance(threshold, int | float) and not isinstance(threshold, bool)
    if not is_number or not 0 <= threshold <= 1:  # type: ignore[operator]  # a number, then
        msg = f"cannot find duplicates with threshold {shown(threshold)}: it is no score"
        hint = "give a number from 0 to 1."
        raise OptionError(msg, hint=hint, parameter="threshold", value=threshold)


def _require_rapidfuzz() -> None:
    try:
        import rapidfuzz  # noqa: F401 - whether it is there
    except ModuleNotFoundError:
        msg = "cannot find duplicates: rapidfuzz is not installed"
        hint = "pip install 'salesflow[crm]'"
        raise MissingExtraError(msg, hint=hint, library="rapidfuzz") from None


def _listed(records: object) -> list[Any]:
    """The records, all of one kind, each there once."""
    # A model is iterable too, over its fields.
    if isinstance(records, BaseModel) or not isinstance(records, Iterable):
        raise _unreadable(type(records).__name__, "is no list of records")
    given = [*records]
    kinds = {_kind_of(record) for record in given}
    if len(kinds) > 1:
        several = " and ".join(sorted(f"{kind._word}s" for kind in kinds))
        raise _unreadable(several, "together are of several kinds")
    seen: set[str] = set()
    for record in given:
        for identity in (record.id, *record.aliases):
            if identity in seen:
                raise _twice(record, identity)
            seen.add(identity)
    return given


def _kind_of(record: object) -> type[Any]:
    for kind in _KINDS:
        if isinstance(record, kind):
            return kind
    raise _unreadable(type(record).__name__, "is no lead, account, deal or contact")


def _unreadable(found: str, fact: str) -> DataError:
    msg = f"cannot find duplicates: {found} {fact}"
    hint = "give a list of leads, of accounts, of deals or of contacts."
    return DataError(msg, hint=hint, found=found)


def _twice(record: Any, identity: str) -> SalesflowError:
    msg = f"cannot compare {record._word} '{identity}': it is there twice, or beside an alias"
    hint = f"give each {record._word} once; merged ones go under the surviving one."
    if isinstance(record, Deal):
        return DuplicateDealError(msg, hint=hint, deal_id=identity)
    return OptionError(msg, hint=hint, parameter="records", value=identity)


def _by_id(records: object, kind: type[R], parameter: str) -> dict[str, R]:
    """The contacts or accounts by the ids that they are known by."""
    named = records.items() if isinstance(records, Mapping) else None
    listed = [one for _, one in named] if named is not None else records
    if isinstance(listed, BaseModel) or not isinstance(listed, Iterable):
        raise _no_records(records, kind, parameter)
    found: dict[str, R] = {}
    for identity, one in named or ((getattr(one, "id", ""), one) for one in listed):
        if not isinstance(one, kind):
            raise _no_records(one, kind, parameter)
        if identity in found:
            msg = f"cannot look up {kind._word} '{identity}': it is there twice"
            raise OptionError(msg, parameter=parameter, value=identity)
        found[identity] = one
    return found


def _no_records(found: object, kind: type[Any], parameter: str) -> DataError:
    name = type(found).__name__
    msg = f"cannot read the {parameter}: {name} is no {kind.__name__}, and no list of them"
    hint = f"give a list of salesflow.{kind.__name__}, or a mapping of ids to them."
    return DataError(msg, hint=hint, found=name)
