"""`hygiene`: how clean records are, rule by rule and owner by owner."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any

import attrs

from salesflow.errors import DataError, OptionError
from salesflow.facts.data import check_deals, check_leads
from salesflow.metrics import Breakdown
from salesflow.metrics._statistics import ratio
from salesflow.metrics.results import Result
from salesflow.models import Account, Contact, Deal, Lead
from salesflow.models.past import Cut
from salesflow.models.past import as_of as was
from salesflow.review._rules import (
    ACCOUNT_RULES,
    CONTACT_RULES,
    DEAL_RULES,
    LEAD_RULES,
    RULES,
    WEIGHTS,
    Rule,
    Severity,
)

__all__ = [
    "ACCOUNT_RULES",
    "CONTACT_RULES",
    "DEAL_RULES",
    "LEAD_RULES",
    "Hygiene",
    "OwnerScore",
    "Rule",
    "RuleResult",
    "Severity",
    "hygiene",
]


@attrs.frozen
class RuleResult(Result):
    """How many records fulfil a rule.

    Attributes:
        severity: ``high``, ``medium`` or ``low``.
        words: what is wrong with a record that breaks it.
        n_checked: the records that it applies to.
        n_broken: of these, those that break it.
        clean_share: the share that does not; None where it applies to none.
        broken: the ids of those that break it, in the order given.
    """

    severity: str
    words: str
    n_checked: int
    n_broken: int
    clean_share: float | None
    broken: tuple[str, ...]

    def summary_row(self) -> dict[str, Any]:
        """What a table shows of it: all but the ids."""
        row = super().summary_row()
        del row["broken"]
        return row


@attrs.frozen
class OwnerScore(Result):
    """How clean the records of an owner are.

    Attributes:
        score: the weight of the checks that were passed ÷ that of all that applied; None without.
        n_records: the records.
        n_checked: the checks that applied to them.
        n_broken: the checks that they did not pass.
        most_broken: the rule broken most, by weight; the first of equals. None without one.
    """

    score: float | None
    n_records: int
    n_checked: int
    n_broken: int
    most_broken: str | None

    def summary_row(self) -> dict[str, Any]:
        """What a table shows of it, the score as a share."""
        row = super().summary_row()
        return {"score_share" if name == "score" else name: row[name] for name in row}


@attrs.frozen(eq=False, repr=False)
class Hygiene(Breakdown[RuleResult]):
    """A `RuleResult` for each rule, in the order of the rules.

    Attributes:
        score: the weight of the checks that were passed ÷ that of all that applied; None without.
        owners: an `OwnerScore` for each owner, by name; what nobody owns is under None, last.
        n_records: how many records were looked at.
    """

    score: float | None = attrs.field(default=None, kw_only=True)
    owners: Breakdown[OwnerScore] = attrs.field(kw_only=True)
    n_records: int = attrs.field(default=0, kw_only=True)

    def _shown_notes(self) -> list[str]:
        score = "no check applies" if self.score is None else f"score {self.score:.1%}"
        return [f"{score}, of {self.n_records} records", *super()._shown_notes()]


def hygiene(
    records: Iterable[Deal] | Iterable[Lead] | Iterable[Account] | Iterable[Contact],
    *,
    rules: Iterable[Rule] | None = None,
    as_of: datetime | None = None,
    suspects: Iterable[tuple[str, str]] | None = None,
) -> Hygiene:
    """How clean are these records, and whose are not?

    **Definition**: each rule is asked of each record; it is broken, fulfilled, or does not apply,
    as a missing loss reason does not to an open deal. The share clean is of the records that a
    rule applies to. A score adds up the checks that were passed and divides by all that applied,
    where one of high severity weighs 3, of medium 2 and of low 1.

    Args:
        records: deals, leads, accounts or contacts; all of one kind.
        rules: what is asked; `DEAL_RULES`, `LEAD_RULES`, `ACCOUNT_RULES` or `CONTACT_RULES` unless
            given. One more is ``rules=(*DEAL_RULES, mine)``.
        as_of: the instant that deals and leads are looked at; as they stand unless given. [aware
            datetime]
        suspects: pairs of ids that may be one and the same, such as a search for duplicates gives;
            then each record in one breaks ``duplicate_suspect``, of medium severity.

    Returns:
        A `Hygiene`: a `RuleResult` for each rule by its code, with the scores of the owners.

    Raises:
        DataError: for anything but records of one kind.
        DuplicateDealError: for a deal that is there twice.
        OptionError: for two rules of one code, for a lead, account or contact that is there twice,
            and for ``as_of`` where records have no history.

    Example:
        >>> from salesflow import Pipeline
        >>> pipeline = Pipeline.standard()
        >>> deals = [pipeline.open("Acme", id="D-1", owner_id="kim"), pipeline.open("Bolt")]
        >>> found = hygiene(deals)
        >>> found["missing_owner"].clean_share, found["missing_amount"].n_broken
        (0.5, 2)
        >>> found.owners["kim"].most_broken
        'missing_amount'
    """
    read = _read(records, as_of)
    asked = _asked(read, rules, suspects)
    checks = [_Checks.of(rule, read) for rule in asked]
    owned: dict[str | None, list[int]] = {}
    for place, record in enumerate(read):
        owned.setdefault(record.owner_id, []).append(place)
    owners = sorted(owned, key=lambda owner: (owner is None, owner or ""))
    scores = {owner: _score(checks, owned[owner], as_of) for owner in owners}
    blank = _score([], [], as_of)
    return Hygiene(
        ("rule",),
        {one.rule.code: one.result(read, as_of) for one in checks},
        as_of=as_of,
        blank=RuleResult("", "", 0, 0, None, (), as_of=as_of),
        score=_score(checks, range(len(read)), as_of).score,
        owners=Breakdown(("owner_id",), scores, as_of=as_of, blank=blank),
        n_records=len(read),
    )


@attrs.frozen
class _Checks:
    """A rule, and what it says of each record."""

    rule: Rule
    told: Sequence[bool | None]

    @classmethod
    def of(cls, rule: Rule, records: Sequence[Any]) -> "_Checks":
        answers = (rule.is_broken(record) for record in records)
        return cls(rule, [None if told is None else bool(told) for told in answers])

    @property
    def weight(self) -> int:
        return WEIGHTS[self.rule.severity]

    def counted(self, places: Iterable[int]) -> tuple[int, int]:
        """Of some records, those that it applies to and those that break it."""
        told = [self.told[place] for place in places]
        return len(told) - told.count(None), told.count(True)

    def result(self, records: Sequence[Any], as_of: datetime | None) -> RuleResult:
        n, n_broken = self.counted(range(len(records)))
        ids = (r.id for r, is_broken in zip(records, self.told, strict=True) if is_broken)
        share = ratio(n - n_broken, n)
        rule = self.rule
        return RuleResult(rule.severity, rule.words, n, n_broken, share, tuple(ids), as_of=as_of)


def _score(checks: Sequence[_Checks], places: Sequence[int], as_of: datetime | None) -> OwnerScore:
    counts = {one.rule.code: (one.weight, *one.counted(places)) for one in checks}
    weighed = sum(weight * n for weight, n, _ in counts.values())
    broken = {code: weight * n_broken for code, (weight, _, n_broken) in counts.items()}
    most = max(broken, key=broken.__getitem__, default=None)
    return OwnerScore(
        ratio(weighed - sum(broken.values()), weighed),
        len(places),
        sum(n for _, n, _ in counts.values()),
        sum(n_broken for _, _, n_broken in counts.values()),
        most if most is not None and broken[most] else None,
        as_of=as_of,
    )


def _read(records: object, as_of: datetime | None) -> list[Any]:
    """The records, of one kind, each once, as of the instant."""
    # A model is iterable too, over its fields.
    is_list = isinstance(records, Iterable) and not isinstance(records, tuple(RULES))
    listed: list[Any] = [*records] if is_list else []  # type: ignore[misc]
    kind = _kind_of(listed[0]) if listed else None
    if not is_list or (listed and kind is None):
        raise _unreadable(listed[0] if listed else records)
    if kind in (Deal, Lead):
        past: list[Any] = check_deals(listed) if kind is Deal else check_leads(listed)
        cut = None if as_of is None else Cut(as_of)
        return past if cut is None else [old for record in past for old in was(record, cut)]
    for record in listed:
        if _kind_of(record) is not kind:
            raise _unreadable(record)
    if as_of is not None and listed:
        msg = "cannot look at accounts and contacts as of an instant: they have no history"
        raise OptionError(msg, hint="leave it out.", parameter="as_of", value=as_of)
    _check_once(listed)
    return listed


def _check_once(records: Sequence[Account | Contact]) -> None:
    seen: set[str] = set()
    for record in records:
        if record.id in seen:
            kind = type(record).__name__.lower()
            msg = f"cannot check {kind} '{record.id}': it is there twice"
            raise OptionError(msg, hint="give each once.", parameter="records", value=record.id)
        seen.add(record.id)


def _unreadable(found: object) -> DataError:
    kind = type(found).__name__
    msg = f"cannot check the records: {kind} is not of their kind, or no list of them"
    hint = "give a list of deals, of leads, of accounts or of contacts."
    return DataError(msg, hint=hint, found=kind)


def _asked(
    records: Sequence[Any],
    rules: Iterable[Rule] | None,
    suspects: Iterable[tuple[str, str]] | None,
) -> tuple[Rule, ...]:
    """The rules, each code once."""
    kind = _kind_of(records[0]) if records else None
    asked = tuple(rules or ()) if rules is not None or kind is None else RULES[kind]
    if suspects is not None:
        asked = (*asked, _suspected(suspects))
    seen: set[str] = set()
    for rule in asked:
        if rule.code in seen:
            msg = f"cannot ask rule '{rule.code}': there are two of that code"
            raise OptionError(msg, hint="rename one.", parameter="rules", value=rule.code)
        seen.add(rule.code)
    return asked


def _kind_of(record: object) -> type | None:
    return next((kind for kind in RULES if isinstance(record, kind)), None)


def _suspected(suspects: Iterable[tuple[str, str]]) -> Rule:
    partners: Mapping[str, None] = {one: None for pair in suspects for one in pair}
    words = "it may be the same as another one"
    return Rule("duplicate_suspect", "medium", words, lambda record: record.id in partners)
