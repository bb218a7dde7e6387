"""E-mail addresses, domains and telephone numbers, as they are compared."""

import re
from typing import NamedTuple

from salesflow.process._alike.providers import (
    FREE_MAIL,
    FREE_MAIL_FAMILIES,
    SECOND_LEVEL,
    SHARED_HOSTS,
    SHARED_MAILBOXES,
)

_MIN_DIGITS = 7
_MAX_DIGITS = 15
# A country's code has three digits at most, and Italy keeps the 0 behind it.
_MAX_CODE = 4
_COUNTRY = 2  # letters of its ending

_BRACKETED = re.compile(r"<([^<>]*)>")
_SCHEME = re.compile(r"[a-z][a-z0-9+.-]*://", re.ASCII)
_PATH = re.compile(r"[/?#]")
_DOMAIN = re.compile(r"(?:[\w-]+\.)+[\w-]*[^\W\d_][\w-]*")
_EXTENSION = re.compile(r"[;#]|\bext\b|\bextension\b|x(?=\s*\d)", re.IGNORECASE)
_TRUNK = re.compile(r"\(\s*0\s*\)")
_NO_DIGIT = re.compile(r"[^0-9]+")
_NO_LETTER = re.compile(r"[\W\d_]+")


class Mail(NamedTuple):
    """An address in its two parts; nobody's own if several people share the mailbox."""

    name: str
    domain: str
    is_shared: bool

    @property
    def address(self) -> str:
        """The address, as it is compared."""
        return f"{self.name}@{self.domain}"

    @property
    def letters(self) -> str:
        """The letters of its name: ``kimpark`` of ``kim.park2``."""
        return _NO_LETTER.sub("", self.name)

    @property
    def digits(self) -> str:
        """The digits of its name: ``2`` of ``kim.park2``."""
        return _NO_DIGIT.sub("", self.name)


class Phone(NamedTuple):
    """The digits of a number, without zeros in front and without an extension."""

    digits: str
    is_international: bool


def mail_of(text: str) -> Mail | None:
    """An address without case, blanks and tag; None for what is none.

    What follows a ``+`` in the name is a tag of the reader's own, and reaches the same mailbox; so
    do the dots in a name at Gmail, and ``googlemail.com``.
    """
    found = _BRACKETED.search(text)
    address = (found[1] if found else text).strip().casefold().removeprefix("mailto:")
    name, _, host = address.rpartition("@")
    name, domain = name.partition("+")[0].strip(), host.rstrip(".")
    if not name or not _DOMAIN.fullmatch(domain):
        return None
    if domain in ("gmail.com", "googlemail.com"):
        name, domain = name.replace(".", ""), "gmail.com"
    return Mail(name, domain, name in SHARED_MAILBOXES)


def domain_of(text: str) -> str | None:
    """The domain that somebody registered: without scheme, ``www.``, subdomain, port and path.

    None for what is no domain, and for those under which anybody has mail.
    """
    bare = _SCHEME.sub("", text.strip().casefold(), count=1)
    host = _PATH.split(bare, maxsplit=1)[0].rpartition("@")[2].partition(":")[0].strip(".")
    if not _DOMAIN.fullmatch(host):
        return None
    labels = host.split(".")
    is_ending = len(labels[-1]) == _COUNTRY and labels[-2] in SECOND_LEVEL
    registered = ".".join(labels[-3 if is_ending or labels[-2] in SHARED_HOSTS else -2 :])
    is_free = registered in FREE_MAIL or label_of(registered) in FREE_MAIL_FAMILIES
    return None if is_free else registered


def label_of(domain: str) -> str:
    """The first part of a registered domain, as one word: ``acme`` of ``acme.co.uk``."""
    return domain.partition(".")[0].replace("-", "")


def phone_of(text: str) -> Phone | None:
    """A number as it is compared; None for what is none, such as ``000 0000``.

    An extension is left out, since it is often left out. The country of a number that does not
    name it is unknown.
    """
    main = _TRUNK.sub("", _EXTENSION.split(text, maxsplit=1)[0])
    dialled = _NO_DIGIT.sub("", main)
    digits = dialled.lstrip("0")
    if not _MIN_DIGITS <= len(digits) <= _MAX_DIGITS or len({*digits}) == 1:
        return None
    return Phone(digits, "+" in main or dialled.startswith("00"))


def phone_key(phone: Phone) -> str:
    """What all writings of one number have in common."""
    return phone.digits[-_MIN_DIGITS:]


def is_same_phone(one: Phone, other: Phone) -> bool:
    """Whether two writings may be of one number: one lacks no more than the country."""
    if one.digits == other.digits:
        return True
    if one.is_international and other.is_international:
        return False
    short, long = sorted((one.digits, other.digits), key=len)
    return long.endswith(short) and len(long) - len(short) <= _MAX_CODE
