"""What is wrong with the data of a call, before any number is made of it."""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

import attrs

from salesflow.facts.columns import cycle_us, visit_us
from salesflow.facts.data import Facts, given, listed
from salesflow.facts.engines import is_frame
from salesflow.facts.visits import visits_of
from salesflow.models import Deal

MAX_EXAMPLES = 5

HINTS: dict[str, str] = {
    "no_deal_id": "rows that name no deal: give each one an id.",
    "repeated_deal_id": "ids that several deals have: a deal may stand once; merge or rename them.",
    "unknown_outcome": "outcomes other than open, won and lost: say which of them each one is.",
    "negative_cycle": "deals closed before they were created: one of both dates is wrong.",
    "open_with_closed_at": "open deals with a closing: the outcome or the date is wrong.",
    "closed_without_closed_at": "closed deals without the time of it: no period counts them.",
    "no_currency": "amounts without a currency: name it in the column, or with currency=.",
    "repeated_visit": "numbers that several visits of a deal have: number them in order of time.",
    "unknown_kind": "visits whose kind is not open, won or lost: say which of them it is.",
    "ends_before_it_begins": "visits left before they were entered: one of both times is wrong.",
    "overlapping_visits": "visits entered before the one before them was left.",
    "visit_of_unknown_deal": "visits of deals that the table of deals does not have.",
    "outcome_against_visits": "deals whose last visit is of another kind than their outcome.",
}
"""What is looked for: the meaning of a finding, and the way out."""


@attrs.frozen
class Finding:
    """One thing that is wrong.

    Attributes:
        what: its name, one of those in `Check.checked`.
        n: how many rows have it: deals, or visits; for repeated ids, how many ids.
        examples: the ids of at most five of the deals, the lowest first.
        hint: what it means, and the way out.
    """

    what: str
    n: int
    examples: tuple[Any, ...]
    hint: str

    def __str__(self) -> str:
        shown = ", ".join(str(example) for example in self.examples)
        return f"{self.what}: {self.n} ({shown or 'without an id'}): {self.hint}"


@attrs.frozen
class Check:
    """All that is wrong with some data: a collection of `Finding`, empty if it is clean.

    Attributes:
        findings: what is wrong.
        checked: what was looked for; what needs a column that the data does not have was not.
    """

    findings: tuple[Finding, ...]
    checked: tuple[str, ...]

    @property
    def is_clean(self) -> bool:
        """Whether nothing is wrong, of what was looked for."""
        return not self.findings

    def __len__(self) -> int:
        return len(self.findings)

    def __iter__(self) -> Iterator[Finding]:
        return iter(self.findings)

    def __str__(self) -> str:
        if self.findings:
            return "\n".join(str(finding) for finding in self.findings)
        return f"nothing found of {', '.join(self.checked)}"

    def to_dicts(self) -> list[dict[str, Any]]:
        """One dict a finding."""
        return [attrs.asdict(finding) for finding in self.findings]


def check(data: object, *, columns: Mapping[str, str] | None = None) -> Check:
    """What is wrong with this data?

    **Definition**: of deals, ids that several have (or that are beside an alias), closings before
    the creation, open deals with a closing and closed ones without, outcomes other than open, won
    and lost, amounts without a currency. Of visits, those that end before they begin or begin
    before the last one ended, numbers that a deal has twice, kinds other than those three; and
    beside deals, visits of deals that are not there and outcomes that the last visit contradicts.
    Moments that are unknown are in no finding but ``closed_without_closed_at``. Where one of two
    moments is a date, or known by its day alone, both are compared as days, in UTC.

    Nothing is refused but what cannot be read: this is the way to learn what a table needs before
    its numbers can be believed.

    Args:
        data: deals; or a frame of the table `deals`; or `Facts` of deals, or of frames of deals and
            visits of one library.
        columns: what the frame of deals calls a column of ours: ``{"outcome": "status"}``.

    Returns:
        The findings, each with how often it occurs and at most five ids; none if nothing is wrong.
        What needs a column that is not there is not looked for: ``checked`` says what was. Of
        frames only counts and those ids are read.

    Raises:
        DataError: for what are neither deals nor a frame, and for tables of two libraries.
        ColumnError: for a frame without ``deal_id``, or with a column that cannot be read; all
            faults of both tables at once.
        OptionError: for a name in ``columns`` that is none of the table's.

    Example:
        >>> import pyarrow as pa
        >>> deals = pa.table({"deal_id": ["D-1", "D-2", "D-2"], "outcome": ["open", "won", "Won"]})
        >>> for finding in check(deals):
        ...     print(finding.what, finding.n, finding.examples)
        repeated_deal_id 1 ('D-2',)
        unknown_outcome 1 ('D-2',)
    """
    deals, visits = given(data, "deals"), data.visits if isinstance(data, Facts) else None
    if is_frame(deals):
        from salesflow.facts._frame_checks import frame_findings

        found = frame_findings(deals, visits, columns)
    else:
        found = _object_findings(listed(deals))
    checked = tuple(what for what in HINTS if what in found)
    findings = (Finding(what, *found[what], HINTS[what]) for what in checked if found[what][0])
    return Check(tuple(findings), checked)


def _object_findings(deals: list[Deal]) -> dict[str, tuple[int, tuple[str, ...]]]:
    """By what is looked for, how often it occurs, and some of the ids."""
    identities = Counter(identity for deal in deals for identity in (deal.id, *deal.aliases))
    found: dict[str, Iterable[str]] = {
        "repeated_deal_id": (identity for identity, n in identities.items() if n > 1),
        "negative_cycle": (deal.id for deal in deals if (cycle_us(deal) or 0) < 0),
        "closed_without_closed_at": (
            deal.id for deal in deals if deal.outcome != "open" and deal.closed_at is None
        ),
        "ends_before_it_begins": (
            deal.id for deal in deals for visit in visits_of(deal) if (visit_us(visit) or 0) < 0
        ),
    }
    counted = {what: [*ids] for what, ids in found.items()}
    return {what: (len(ids), tuple(sorted({*ids})[:MAX_EXAMPLES])) for what, ids in counted.items()}
