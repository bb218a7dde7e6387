"""`Rule`, and the rules that records are held to unless others are given."""

import re
from collections.abc import Callable, Mapping
from datetime import timedelta
from typing import Any, Literal, get_args

import attrs

from salesflow.errors import OptionError, one_of, shown
from salesflow.facts.columns import cycle_us
from salesflow.models import Account, Contact, Deal, Lead
from salesflow.models import events as ev
from salesflow.models.durations import microseconds

Severity = Literal["high", "medium", "low"]
"""How much a broken rule matters."""

WEIGHTS: Mapping[str, int] = {"high": 3, "medium": 2, "low": 1}
"""What a check of each severity weighs in a score."""

_MOST_LOCAL, _MOST_DOMAIN, _MOST_LABEL = 64, 253, 63


@attrs.frozen
class Rule:
    """One thing that a clean record fulfils.

    Args:
        code: its name, in snake_case.
        severity: ``high``, ``medium`` or ``low``; a check weighs 3, 2 or 1 in a score.
        words: what is wrong with a record that breaks it.
        is_broken: whether a record breaks it; None where the rule does not apply to it.

    Raises:
        OptionError: for another severity, an empty code, or what cannot be called.

    Example:
        >>> no_account = Rule(
        ...     "missing_account", "low", "no account", lambda deal: not deal.account_id
        ... )
    """

    code: str
    severity: Severity
    words: str
    is_broken: Callable[[Any], bool | None] = attrs.field(repr=False)

    def __attrs_post_init__(self) -> None:
        """Refuse what makes no rule."""
        if not self.code:
            self._refuse("code", self.code, "it names no rule", "give a text.")
        if self.severity not in WEIGHTS:
            hint = f"give {one_of(get_args(Severity))}."
            self._refuse("severity", self.severity, f"no severity {shown(self.severity)}", hint)
        asks: object = self.is_broken
        if not callable(asks):
            fact = f"{shown(asks)} cannot be called"
            self._refuse("is_broken", asks, fact, "give a function of one record.")

    def _refuse(self, parameter: str, value: object, fact: str, hint: str) -> None:
        msg = f"cannot make rule {shown(self.code)}: {fact}"
        raise OptionError(msg, hint=hint, parameter=parameter, value=value)


def is_domain(text: str) -> bool:
    """Whether it is written as a web domain is, without scheme or path: ``acme.example``."""
    labels = text.split(".")
    return (
        len(text) <= _MOST_DOMAIN
        and len(labels) > 1
        and all(len(label) <= _MOST_LABEL and _LABEL.fullmatch(label) for label in labels)
        and not labels[-1].isdecimal()
    )


def is_email(text: str) -> bool:
    """Whether it is written as an e-mail address is: ``kim@acme.example``."""
    local, at, domain = text.rpartition("@")
    dotted = local.startswith(".") or local.endswith(".") or ".." in local
    is_local = _LOCAL.fullmatch(local) is not None and len(local) <= _MOST_LOCAL and not dotted
    return bool(at) and is_local and is_domain(domain)


_LABEL = re.compile(r"[^\W_](?:[\w-]*[^\W_])?")
_LOCAL = re.compile(r"[\w.!#$%&'*+/=?^`{|}~-]+")


def _missing(name: str, severity: Severity, words: str, code: str | None = None) -> Rule:
    """A rule that asks for a field."""
    return Rule(f"missing_{code or name}", severity, words, lambda one: getattr(one, name) is None)


def _if(applies: bool, broken: bool) -> bool | None:  # noqa: FBT001 - of one record
    """The answer of a rule that does not apply to every record."""
    return broken if applies else None


def _is_negative(record: Any) -> bool | None:
    span = (
        cycle_us(record)
        if isinstance(record, Deal)
        else microseconds(
            record.created_at,
            record.created_precision,
            record.closed_at,
            record.closed_precision,
        )
    )
    return None if span is None else span < 0


def _lacks_closing(record: Any) -> bool | None:
    return _if(record.outcome != "open", record.closed_at is None)


def _expected_before_creation(deal: Deal) -> bool | None:
    if deal.expected_close_on is None or deal.created_at is None:
        return None
    # The day before in UTC may be the same day where the deal was made.
    return deal.expected_close_on < deal.created_at.date() - timedelta(days=1)


def _is_off_without_reason(deal: Deal) -> bool | None:
    """Whether the probability was set by hand, and the last event that set it says no why."""
    if deal.outcome != "open" or deal.probability is None:
        return None
    if deal.probability_source == "stage":
        return False
    told = [event.reason for event in deal.history if isinstance(event, ev.ProbabilitySet)]
    return not told or told[-1] is None


def _is_malformed(read: Callable[[Any], object], is_right: Callable[[str], bool]) -> Any:
    """What tells whether a text that is there is wrong."""

    def is_broken(record: Any) -> bool | None:
        text = read(record)
        if text is None:
            return None
        return not isinstance(text, str) or not is_right(text)

    return is_broken


_OWNER = _missing("owner_id", "high", "nobody owns it", "owner")
_SOURCE = _missing("source", "medium", "nobody knows where it came from")
_CYCLE = Rule("negative_cycle", "high", "closed before it was created", _is_negative)
_CLOSING = Rule(
    "closed_without_closed_at",
    "high",
    "closed, nobody knows when: no period counts it",
    _lacks_closing,
)

DEAL_RULES: tuple[Rule, ...] = (
    _missing("amount", "high", "nobody knows what it is worth"),
    _OWNER,
    _SOURCE,
    Rule(
        "missing_expected_close",
        "medium",
        "open, and nobody expects a day to close it",
        lambda deal: _if(deal.outcome == "open", deal.expected_close_on is None),
    ),
    _CYCLE,
    _CLOSING,
    Rule(
        "expected_before_creation",
        "medium",
        "expected to close before it was created",
        _expected_before_creation,
    ),
    Rule(
        "probability_without_reason",
        "medium",
        "its probability was set by hand, and nobody says why",
        _is_off_without_reason,
    ),
    Rule(
        "closed_without_reason",
        "medium",
        "lost, nobody says why",
        lambda deal: _if(deal.outcome == "lost", deal.loss_reason is None),
    ),
)
"""The rules that deals are held to."""

LEAD_RULES: tuple[Rule, ...] = (
    _OWNER,
    _SOURCE,
    _CYCLE,
    _CLOSING,
    Rule(
        "converted_without_deal",
        "high",
        "converted, and no deal is named",
        lambda lead: _if(lead.outcome == "converted", lead.deal_id is None),
    ),
    Rule(
        "closed_without_reason",
        "medium",
        "disqualified, nobody says why",
        lambda lead: _if(lead.outcome == "disqualified", lead.reason is None),
    ),
    Rule(
        "malformed_email",
        "low",
        "its custom email is no e-mail address",
        _is_malformed(lambda lead: lead.custom.get("email"), is_email),
    ),
)
"""The rules that leads are held to."""

ACCOUNT_RULES: tuple[Rule, ...] = (
    _OWNER,
    _missing("domain", "low", "nobody knows its web domain"),
    Rule(
        "malformed_domain",
        "medium",
        "its domain is none: it has a scheme, a path, a space or no dot",
        _is_malformed(lambda account: account.domain, is_domain),
    ),
)
"""The rules that accounts are held to."""

CONTACT_RULES: tuple[Rule, ...] = (
    _OWNER,
    _missing("email", "low", "nobody knows the e-mail address"),
    Rule(
        "malformed_email",
        "medium",
        "its e-mail address is none",
        _is_malformed(lambda contact: contact.email, is_email),
    ),
)
"""The rules that contacts are held to."""

RULES: Mapping[type, tuple[Rule, ...]] = {
    Deal: DEAL_RULES,
    Lead: LEAD_RULES,
    Account: ACCOUNT_RULES,
    Contact: CONTACT_RULES,
}
"""The rules of each kind of record."""
