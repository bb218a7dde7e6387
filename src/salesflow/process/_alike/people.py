"""Leads and contacts: what is compared of them, and how sure it is that two are one."""

from collections.abc import Iterable, Iterator
from itertools import chain, product

import attrs

from salesflow.models import Account, Contact, Lead
from salesflow.process._alike.firms import OTHER, Firm, FirmReader, firms_alike
from salesflow.process._alike.given import (
    NOTHING,
    Directory,
    Found,
    Key,
    chance,
    on_line,
    same_phone,
    texts,
    told_names,
)
from salesflow.process._alike.names import (
    DIFFERENT,
    Counts,
    Name,
    Words,
    alike,
    loosely_alike,
    person_name,
    without_umlaut,
)
from salesflow.process._alike.written import (
    Mail,
    Phone,
    domain_of,
    mail_of,
    phone_key,
    phone_of,
)


@attrs.frozen(eq=False)
class Person:
    """What is compared of a lead or a contact."""

    id: str
    name: Name | None
    mails: frozenset[Mail]
    """Its own addresses; shared mailboxes tell of the firm alone."""
    contact_ids: frozenset[str]
    phones: tuple[Phone, ...]
    firm: Firm

    def marks(self) -> Iterator[Key]:
        """What to look for in other records."""
        for mail in self.mails:
            yield "e-mail", mail.address
        for contact in self.contact_ids:
            yield "contact", contact
        for phone in self.phones:
            yield "phone", phone_key(phone)
        yield from self.firm.marks()


class PersonReader:
    """Reads leads and contacts.

    Attributes:
        n_without_contact: leads of which a contact was not given.
        n_without_account: those of which the account was not given.
    """

    def __init__(self, contacts: Directory[Contact], accounts: Directory[Account]) -> None:
        self._contacts = contacts
        self._accounts = accounts
        self._firms = FirmReader(accounts)
        self.n_without_contact = 0
        self.n_without_account = 0

    def lead(self, lead: Lead) -> Person:
        """What is compared of a lead: its own keys, its contacts and its account."""
        contacts = self._contacts.find(lead.contact_ids)
        self.n_without_contact += self._contacts.lacks(lead.contact_ids)
        name = lead.name or next((contact.name for contact in contacts), None)
        ids = {str(self._contacts.id_of(one)) for one in lead.contact_ids}
        accounts = [lead.account_id, *(contact.account_id for contact in contacts)]
        return self._person(lead, name, contacts, ids, accounts)

    def contact(self, contact: Contact) -> Person:
        """What is compared of a contact."""
        return self._person(contact, contact.name, [contact], (), [contact.account_id])

    def _person(
        self,
        record: Lead | Contact,
        name: str | None,
        contacts: list[Contact],
        contact_ids: Iterable[str],
        accounts: list[str | None],
    ) -> Person:
        custom = record.custom
        told = chain(texts(custom.get("email")), (one.email for one in contacts if one.email))
        mails = {mail for mail in map(mail_of, told) if mail}
        dialled = chain(texts(custom.get("phone")), (one.phone for one in contacts if one.phone))
        phones = {phone for phone in map(phone_of, dialled) if phone}
        account = next((one for one in accounts if one is not None), None)
        self.n_without_account += self._accounts.lacks((account,))
        hosts = (*texts(custom.get("domain")), *(mail.domain for mail in mails))
        return Person(
            record.id,
            person_name(name) if name else None,
            frozenset(mail for mail in mails if not mail.is_shared),
            frozenset(contact_ids),
            tuple(phones),
            self._firms.read(account, texts(custom.get("company")), hosts),
        )


# Weights, as logarithms of odds; found on seeded leads, and held to others (benchmarks).
_SAME_MAIL = 4.0
_SAME_PHONE = 2.1
_SAME_FIRM = 2.1
_OTHER_FIRM = -1.5
_OTHER_FIRM_SAME_PHONE = -0.2
_MAILS_OF_ONE = 0.7
_MAILS_OF_TWO = -1.5
_MAILS_NUMBERED = -2.5
_FIRST_NAMES = -0.5
_NAMES = ((0.65, -4.0), (0.7, -2.5), (0.75, -1.5), (0.8, -0.35), (0.85, -0.2), (1.0, 0.0))
_LEAST_WITH_MAIL = 2.2

# Scores as they are, where a name is missing or another one.
_MAIL_WITHOUT_NAME = 0.95
_PHONE_WITHOUT_NAME = 0.6
_MAIL_NAMES_LOOSELY = 0.9
_MAIL_OTHER_NAMES = 0.8
_LOOSELY = 0.65


def people_alike(one: Person, other: Person, counts: Counts) -> Found:
    """How sure it is that two people are one: by their names, and by what they have in common."""
    same = []
    if not (one.mails.isdisjoint(other.mails) and one.contact_ids.isdisjoint(other.contact_ids)):
        same = [f"same e-mail {mail.address}" for mail in sorted(one.mails & other.mails)]
        same += [f"same contact {number}" for number in sorted(one.contact_ids & other.contact_ids)]
    if one.name is None or other.name is None:
        phones = same_phone(one.phones, other.phones)
        score = _MAIL_WITHOUT_NAME if same else _PHONE_WITHOUT_NAME if phones else 0.0
        return score, [*same, *phones, "no name of one of them"]
    likeness = alike(one.name, other.name, counts)
    if likeness <= DIFFERENT and not same:
        return NOTHING
    phones = same_phone(one.phones, other.phones)
    told = [*same, told_names("name", one.name, other.name, likeness), *phones]
    if likeness <= DIFFERENT:
        is_loose = loosely_alike(one.name, other.name) >= _LOOSELY
        return _MAIL_NAMES_LOOSELY if is_loose else _MAIL_OTHER_NAMES, told
    evidence = on_line(_NAMES, likeness) + (_SAME_PHONE if phones else 0)
    if one.name.is_first_name and other.name.is_first_name and not _are_firms(one, other):
        evidence += _FIRST_NAMES
    if same:
        return chance(max(evidence + _SAME_MAIL, _LEAST_WITH_MAIL)), told
    for weight, why in (_firms(one, other, is_phone=bool(phones)), _mails(one, other)):
        evidence += weight
        told += [why] if why else []
    return chance(evidence), told


def _are_firms(one: Person, other: Person) -> bool:
    """Whether one of two leads is called as its firm is."""
    return any(lead.name and lead.name.joined in lead.firm.labels for lead in (one, other))


def _firms(one: Person, other: Person, *, is_phone: bool) -> tuple[float, str]:
    likeness, why = firms_alike(one.firm, other.firm)
    if likeness == OTHER:
        return _OTHER_FIRM_SAME_PHONE if is_phone else _OTHER_FIRM, why
    return _SAME_FIRM * likeness, why


def _mails(one: Person, other: Person) -> tuple[float, str]:
    """What two addresses at one firm tell: whether both follow from one of the names."""
    if not one.mails or not other.mails:
        return 0.0, ""
    found = [_two_mails(one, other, a, b) for a, b in product(one.mails, other.mails)]
    return max(found, key=lambda pair: (abs(pair[0]), pair[1]))


def _two_mails(one: Person, other: Person, mail: Mail, their_mail: Mail) -> tuple[float, str]:
    firms = one.firm.domains & other.firm.domains
    if mail.domain != their_mail.domain or domain_of(mail.domain) not in firms:
        return 0.0, ""
    told = " / ".join(sorted((mail.address, their_mail.address)))
    letters = mail.letters, their_mail.letters
    if letters[0] == letters[1] and mail.digits != their_mail.digits:
        return _MAILS_NUMBERED, f"e-mails of namesakes: {told}"
    words = [name.words for name in (one.name, other.name) if name is not None]
    if any(all(_follows(part, name) for part in letters) for name in words):
        return _MAILS_OF_ONE, f"e-mails of one name: {told}"
    if words[0] != words[1]:
        return _MAILS_OF_TWO, f"e-mails of two names: {told}"
    return 0.0, ""


def _follows(letters: str, words: Words) -> bool:
    """Whether an address is made of the words of a name, or of their first letters."""
    return bool(letters) and _is_made_of(without_umlaut(letters), words)


def _is_made_of(letters: str, words: Words) -> bool:
    if not letters:
        return True
    for place, word in enumerate(words):
        rest = words[:place] + words[place + 1 :]
        for part in {word, word[0]}:
            if letters.startswith(part) and _is_made_of(letters[len(part) :], rest):
                return True
    return False
