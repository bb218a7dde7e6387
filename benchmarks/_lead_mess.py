"""Leads as a CRM holds them: the same people entered twice, in every way that people do.

A record starts from the person, and is then spoilt in one to three ways; each way is a function
below, and the truth remembers which ways a record went through. Records that nobody entered twice
are spoilt too, so a mess is no sign of a duplicate.
"""

import unicodedata
from collections.abc import Callable, Mapping
from itertools import combinations
from random import Random

import attrs

from benchmarks._lead_world import DIALS, FORMS, PATTERNS, Firm, Person, people
from salesflow import Account, Contact, Lead, LeadProcess

_LETTERS = "abcdefghijklmnopqrstuvwxyz"


@attrs.define(eq=False)
class Card:
    """What somebody typed in."""

    person: Person
    first: str
    last: str
    swapped: str = "{first} {last}"
    email: str | None = None
    phone: str | None = None
    company: str | None = None
    website: str | None = None
    messes: set[str] = attrs.Factory(set)

    @property
    def name(self) -> str:
        """The name as written."""
        return self.swapped.format(first=self.first, last=self.last)


@attrs.frozen
class Book:
    """Leads with what belongs to them, and the pairs that are the same."""

    leads: list[Lead]
    contacts: list[Contact]
    accounts: list[Account]
    truth: Mapping[tuple[str, str], frozenset[str]]
    """Both ids in order → the ways in which their records were spoilt."""
    hopeless: frozenset[tuple[str, str]]
    """Those that are the same too, but tell nothing in common but a name: nobody could know."""


def entered(person: Person, random: Random) -> Card:
    """A record of the person, as entered by somebody careful who knew most of it."""
    card = Card(person, person.first, person.last)
    firm = person.firm
    if random.random() < 0.92:
        card.email = person.work_mail or person.private_mail
        if firm is not None and random.random() < 0.06:
            card.email = f"info@{firm.domain}"
    if random.random() < 0.75:
        card.phone = _dialled(person, random, "+{code} {grouped}")
    if firm is not None and random.random() < 0.9:
        card.company = f"{firm.name} {firm.form}"
        card.website = firm.domain if random.random() < 0.4 else None
    return _reachable(card, random)


def _reachable(card: Card, random: Random) -> Card:
    """Nobody enters a lead without any way to reach it."""
    if card.email is None and card.phone is None and card.company is None:
        card.phone = _dialled(card.person, random, "+{code} {grouped}")
    return card


def _dialled(person: Person, random: Random, form: str, number: str | None = None) -> str:
    code, trunk = DIALS[person.country]
    number = number or person.phone
    cut = random.choice((2, 3, 4))
    mark = random.choice((" ", "-", ".", "/", ""))
    grouped = mark.join((number[:cut], number[cut : cut + 3], number[cut + 3 :]))
    return form.format(code=code, trunk=trunk, number=number, grouped=grouped)


def _misspelt(text: str, random: Random) -> str:
    """One slip of the fingers, anywhere in a word of four letters or more."""
    places = [i for i, char in enumerate(text) if char.isalpha()]
    if len(places) < 4:
        return text
    at = random.choice(places)
    kind = random.randrange(4)
    letter = random.choice(_LETTERS)
    if kind == 0:
        return text[:at] + text[at + 1 :]
    if kind == 1:
        return text[:at] + letter + text[at:]
    if kind == 2:
        return text[:at] + letter + text[at + 1 :]
    return text[: at - 1] + text[at - 1 : at + 1][::-1] + text[at + 1 :] if at else text


def _typo(card: Card, random: Random) -> None:
    if random.random() < 0.5:
        card.first = _misspelt(card.first, random)
    else:
        card.last = _misspelt(card.last, random)


def _two_typos(card: Card, random: Random) -> None:
    card.first, card.last = _misspelt(card.first, random), _misspelt(card.last, random)


def _swapped(card: Card, random: Random) -> None:
    card.swapped = random.choice(("{last} {first}", "{last}, {first}"))


def _case(card: Card, random: Random) -> None:
    change = random.choice((str.upper, str.lower))
    card.first, card.last = change(card.first), change(card.last)
    card.company = change(card.company) if card.company else None


def _other_mail(card: Card, random: Random) -> None:
    person = card.person
    if person.firm is not None:
        others = [pattern for pattern in PATTERNS if pattern != person.firm.mail_pattern]
        card.email = person.firm.mail(random.choice(others), person.first, person.last)


def _private_mail(card: Card, _: Random) -> None:
    card.email = card.person.private_mail


def _mail_form(card: Card, random: Random) -> None:
    if card.email is None:
        return
    name, _, domain = card.email.partition("@")
    forms = [card.email.upper(), f" {card.email} ", f"{name}+crm@{domain}", card.email.title()]
    if domain == "gmail.com":
        forms.append(f"{name.replace('.', '')}@{domain}")
    card.email = random.choice(forms)


def _missing(card: Card, random: Random) -> None:
    for field in ("email", "phone", "company", "website"):
        if random.random() < 0.4:
            setattr(card, field, None)
    _reachable(card, random)


_PHONE_FORMS = ("00{code} {grouped}", "{trunk}{grouped}", "({trunk}{grouped})", "+{code}{number}",
                "{trunk}{number}", "+{code} ({trunk}) {grouped}", "00{code}{number}",
                "+{code} {grouped} ext. 12", "tel. {trunk}{grouped}")  # fmt: skip


def _phone_form(card: Card, random: Random) -> None:
    if card.phone is not None:
        form = random.choice(_PHONE_FORMS)
        if not DIALS[card.person.country][1]:
            form = form.replace(" ({trunk})", "")
        card.phone = _dialled(card.person, random, form)


def _other_phone(card: Card, random: Random) -> None:
    """The switchboard instead of the telephone on the desk."""
    if card.person.firm is not None:
        card.phone = _dialled(
            card.person, random, "+{code} {grouped}", card.person.firm.switchboard
        )


def _form(card: Card, random: Random) -> None:
    firm = card.person.firm
    if firm is None or card.company is None:
        return
    name = random.choice((firm.name, firm.name.replace("&", "and"), firm.name.replace(" ", "-")))
    form = random.choice(("", random.choice(FORMS[firm.country]), random.choice(FORMS["US"])))
    card.company = f"{name}{random.choice((' ', ', '))}{form}" if form else name


def _company_typo(card: Card, random: Random) -> None:
    if card.company is not None:
        word, _, rest = card.company.partition(" ")
        card.company = f"{_misspelt(word, random)} {rest}"


_GERMAN = str.maketrans(
    {"ä": "ae", "ö": "oe", "ü": "ue", "ß": "ss", "Ä": "Ae", "Ö": "Oe", "Ü": "Ue"}
)


def _accents(card: Card, random: Random) -> None:
    german = random.random() < 0.5
    card.first, card.last = (_plain(text, german=german) for text in (card.first, card.last))


def _plain(text: str, *, german: bool) -> str:
    text = text.translate(_GERMAN) if german else text
    text = text.translate(str.maketrans("øØłŁı", "oOlLi"))
    return "".join(c for c in unicodedata.normalize("NFD", text) if not unicodedata.combining(c))


def _initial(card: Card, _: Random) -> None:
    card.first = f"{card.first[:1]}."


def _middle(card: Card, random: Random) -> None:
    card.first = f"{card.first} {random.choice(('A.', 'M.', 'J', 'Marie', 'Lee', 'Karl'))}"


MESSES: dict[str, tuple[Callable[[Card, Random], None], float]] = {
    "typo in the name": (_typo, 3),
    "two typos in the name": (_two_typos, 1),
    "names swapped": (_swapped, 2),
    "other case": (_case, 2),
    "other e-mail of the firm": (_other_mail, 2),
    "private e-mail": (_private_mail, 1),
    "e-mail written otherwise": (_mail_form, 2),
    "fields missing": (_missing, 3),
    "phone written otherwise": (_phone_form, 3),
    "other phone": (_other_phone, 1),
    "other legal form": (_form, 2),
    "typo in the company": (_company_typo, 1),
    "accents lost": (_accents, 1),
    "initial for the first name": (_initial, 0.5),
    "middle name": (_middle, 0.5),
}
"""The ways to spoil a record, and how common each is among the others."""


def spoil(card: Card, random: Random, n: int) -> None:
    """Spoil a record in some ways."""
    names = random.choices([*MESSES], [weight for _, weight in MESSES.values()], k=n)
    for name in dict.fromkeys(names):
        before = attrs.astuple(card, recurse=False, filter=_is_written)
        MESSES[name][0](card, random)
        if attrs.astuple(card, recurse=False, filter=_is_written) != before:
            card.messes.add(name)


def _is_written(field: "attrs.Attribute[object]", _: object) -> bool:
    return field.name not in ("person", "messes")


def cards(n: int, random: Random) -> list[Card]:
    """``n`` records, in any order; about one in nine people was entered twice or more."""
    found: list[Card] = []
    for person in people(n, random):
        chance = random.random()
        times = 3 if chance < 0.015 else 2 if chance < 0.11 else 1
        for time in range(times):
            card = entered(person, random)
            if time:
                spoil(card, random, random.choice((1, 2, 2, 3)))
            elif random.random() < 0.3:
                spoil(card, random, 1)
            found.append(card)
    del found[n:]
    random.shuffle(found)
    return found


class _Desk:
    """Writes cards as leads: some with keys of their own, some with contacts and accounts."""

    def __init__(self, random: Random) -> None:
        self.random = random
        self.process = LeadProcess.standard()
        self.contacts: list[Contact] = []
        self.accounts: list[Account] = []
        self._first_account: dict[Firm, str] = {}

    def lead(self, card: Card, number: int) -> Lead:
        """A lead of the card."""
        if self.random.random() < 0.5:
            keys = {"email": card.email, "phone": card.phone, "company": card.company}
            keys["domain"] = f"https://www.{card.website}/" if card.website else None
            custom = {key: value for key, value in keys.items() if value is not None}
            return self.process.open(card.name, id=f"L-{number:06}", custom=custom)
        contact = f"C-{number:06}"
        self.contacts.append(
            Contact(id=contact, name=card.name, email=card.email, phone=card.phone)
        )
        account = self._account(card, number)
        site = card.website if account is None else None
        return self.process.open(
            card.name,
            id=f"L-{number:06}",
            contact_ids=(contact,),
            account_id=account,
            custom={} if site is None else {"domain": site},
        )

    def _account(self, card: Card, number: int) -> str | None:
        """The account that the firm has already, or one more for it."""
        firm = card.person.firm
        if firm is None or card.company is None:
            return None
        if firm in self._first_account and self.random.random() < 0.5:
            return self._first_account[firm]
        account = Account(id=f"A-{number:06}", name=card.company, domain=card.website)
        self.accounts.append(account)
        return self._first_account.setdefault(firm, account.id)


def book(n: int, *, seed: int = 1) -> Book:
    """``n`` leads with planted duplicates, the same for the same seed."""
    random = Random(seed)
    made = cards(n, random)
    desk = _Desk(random)
    leads = [desk.lead(card, number) for number, card in enumerate(made)]
    entries: dict[Person, list[int]] = {}
    for number, card in enumerate(made):
        entries.setdefault(card.person, []).append(number)
    pairs = {
        (leads[one].id, leads[other].id): (made[one], made[other])
        for numbers in entries.values()
        for one, other in combinations(numbers, 2)
    }
    hopeless = frozenset(ids for ids, (one, other) in pairs.items() if not told(one) & told(other))
    truth = {
        ids: frozenset(one.messes | other.messes | _kinds(one, other))
        for ids, (one, other) in pairs.items()
        if ids not in hopeless
    }
    return Book(leads, desk.contacts, desk.accounts, truth, hopeless)


def told(card: Card) -> set[str]:
    """What a record tells beside the name: its mailbox, its number, its firm."""
    firm, found = card.person.firm, set()
    if card.email is not None:
        found.add(mailbox(card.email))
    for number in (card.person.phone, *((firm.switchboard,) if firm else ())):
        dialled = (card.phone or "").partition("ext")[0]
        if "".join(filter(str.isdigit, dialled)).endswith(number):
            found.add(number)
    if firm is not None and (card.company or card.website or firm.domain in mailbox(card.email)):
        found.add(firm.name)
    return found


def mailbox(email: str | None) -> str:
    """The mailbox that an address reaches, however it is written."""
    name, _, domain = (email or "").strip().lower().replace("+crm", "").partition("@")
    return f"{name.replace('.', '') if domain == 'gmail.com' else name}@{domain}"


def _kinds(one: Card, other: Card) -> set[str]:
    """What else a pair may be counted under."""
    spoilt = one.messes | other.messes
    kinds = set() if spoilt else {"entered twice alike"}
    if None in (one.email, other.email) or mailbox(one.email) != mailbox(other.email):
        kinds.add("(no e-mail in common)")
    if len(told(one) & told(other)) == 1:
        kinds.add("(one thing in common beside the name)")
    return kinds
