"""The parts of a report: the deals at any risk, and what stands on the page."""

from collections.abc import Iterator, Mapping
from datetime import datetime
from typing import TYPE_CHECKING, Any

import attrs

from salesflow.facts._faults import counted
from salesflow.metrics import Breakdown, Comparison, Summary
from salesflow.metrics._numbers import difference_text, kind_of_number, number_text, numbers_of
from salesflow.metrics._sentences import Side, sentence_of
from salesflow.metrics.results import Result
from salesflow.money import XXX, Money
from salesflow.review._pages import Part
from salesflow.review.risk_results import Risk, Risks

if TYPE_CHECKING:
    from salesflow.review.report import Report


@attrs.frozen
class AtRisk(Result):
    """An open deal that needs somebody, and why.

    Attributes:
        name: what people call it.
        owner_id: who owns it.
        stage: where it is.
        amount: what it is worth; None is unknown.
        risks: what is wrong, each with the days that it counts.
        action: what to do next, as the first of the risks says.
    """

    name: str | None
    owner_id: str | None
    stage: str | None
    amount: Money | None
    risks: tuple[str, ...]
    action: str

    def to_dict(self) -> dict[str, Any]:
        """Its values by name; the risks in one text."""
        return {**super().to_dict(), "risks": ", ".join(self.risks)}


def at_risk_of(risks: Mapping[str, Risks[Any]], as_of: datetime) -> Breakdown[AtRisk]:
    """The deals at any risk, those at most risks first, of these the longest."""
    found: dict[str, list[Risk]] = {}
    for kind in risks.values():
        for risk in kind:
            found.setdefault(risk.deal_id, []).append(risk)
    ordered = sorted(found.items(), key=lambda item: _rank(item[1]))
    return Breakdown(
        ("deal_id",),
        {deal_id: _at_risk(several, as_of) for deal_id, several in ordered},
        as_of=as_of,
        blank=AtRisk(None, None, None, None, (), "", as_of=as_of),
    )


def _rank(risks: list[Risk]) -> tuple[int, float]:
    return -len(risks), -max(risk.days for risk in risks)


def _at_risk(risks: list[Risk], as_of: datetime) -> AtRisk:
    first = risks[0]
    return AtRisk(
        first.name,
        first.owner_id,
        first.stage,
        first.amount,
        tuple(f"{risk.risk.replace('_', ' ')} {counted(int(risk.days), 'day')}" for risk in risks),
        first.action,
        as_of=as_of,
        currency=XXX if first.amount is None else first.amount.currency,
    )


def parts_of(report: "Report") -> list[Part]:
    """What stands on the page of a report, in order."""
    return [
        _numbers_part(report.numbers),
        *([Part("targets", "The targets", report.targets)] if report.targets else []),
        Part("waterfall", "What changed", report.waterfall),
        Part("at_risk", "Deals at risk", report.at_risk, tuple(_risks_in_words(report))),
        Part("due_for_revisit", "Lost deals to look at again", report.due_for_revisit),
        Part("bottlenecks", "Where deals wait", report.bottlenecks),
        Part("workload", "Who has what to do", report.workload, tuple(_overload(report))),
        Part("team", "Who needs help", report.team),
        Part("segments", "What is won", report.segments),
        Part("hygiene", "How clean the deals are", report.hygiene),
    ]


_NUMBERS = (
    "n_created",
    "n_open",
    "n_won",
    "n_lost",
    "win_rate.value",
    "average_deal_size.mean",
    "total_won",
    "cycle_time.mean_days",
    "pipeline_velocity.per_day",
)
"""The numbers of a summary that stand on the page."""


_NOW, _BEFORE = "in the window", "in the one before"


def _numbers_part(found: Comparison[Summary]) -> Part:
    """The numbers below each other; of the windows, which may begin at any second, no dates."""
    sides = ((found.current, _NOW), (found.previous, _BEFORE))
    one, other = (Side(result, "summary", where) for result, where in sides)
    said = sentence_of(one, other, found.interval, "")
    lines = tuple(_numbers(found))
    return Part("numbers", "The numbers", found, (said,), lines, hidden=found.sentence)


def _numbers(found: Comparison[Summary]) -> Iterator[dict[str, Any]]:
    """A row for each number: now, before, and how much more it is."""
    now, before = numbers_of(found.current), numbers_of(found.previous)
    for name in _NUMBERS:
        kind, change = kind_of_number(name, found.current), found.change[name]
        more = difference_text(kind, change) if change is not None else None
        yield {
            "number": name.removesuffix(".value").replace("_", " ").replace(".", ", "),
            _NOW: number_text(kind, now.get(name)),
            _BEFORE: number_text(kind, before.get(name)),
            "more": more,
        }


def _risks_in_words(report: "Report") -> Iterator[str]:
    told = (
        (len(report.stalled), "stalled"),
        (len(report.overdue), "overdue"),
        (len(report.slipped), "slipped"),
        (len(report.quiet), "quiet"),
        (len(report.no_next_step), "without a next step"),
    )
    n_open = sum(load.n_open for load in report.workload.values())
    listed = ", ".join(f"{n:,} {word}" for n, word in told)
    yield f"{len(report.at_risk):,} of {counted(n_open, 'open deal')}: {listed}."


def _overload(report: "Report") -> Iterator[str]:
    over = report.workload.overloaded
    if over:
        yield f"Too much: {', '.join(over)}."
