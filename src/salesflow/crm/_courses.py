"""`Courses`: when deals were created and closed, and the stages that they went through."""

from typing import TYPE_CHECKING

from salesflow.crm._dates import Closings, Latest, closings_of, to_moment, to_moments
from salesflow.crm._stays import Visits, fitted
from salesflow.models.moments import is_before

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from salesflow.crm._fields import Values
    from salesflow.crm._notes import RowNotes
    from salesflow.crm._places import Stages
    from salesflow.process._restoring import Stay

    Stays = dict[int, Sequence[Stay]]
    """The stages that deals were in, by their places, where that is known."""


class Courses:
    """Dates the deals of one export, in agreement with what is known of their stages.

    Args:
        columns: for each field the column that holds it.
        visits: what is known of the stages that deals were in.
        stages: those of the pipeline.
        odd: takes what is odd about rows.
    """

    def __init__(
        self, columns: "Mapping[str, str]", visits: Visits, stages: "Stages", odd: "RowNotes"
    ) -> None:
        """Begin with no deals."""
        self.latest = Latest()
        self._visits = visits
        self._stages = stages
        self._odd = odd
        expected = columns.get("expected_close")
        self._is_won_expected = expected is not None and expected == columns.get("won")

    def of_rows(self, values: "Values", outcomes: "Sequence[str]") -> "tuple[Values, Stays]":
        """The deals of some rows with their dates, and the stages that they were in."""
        closings = closings_of(values, outcomes, is_won_expected=self._is_won_expected)
        for row, fact in zip(values["row"], closings.oddities, strict=True):
            if fact is not None:
                self._odd.add("odd-closing", fact, row)
        stays = self._fitted(values, closings)
        created, precisions = to_moments(values["created"])
        dated = values.with_columns(
            {
                "created_at": created,
                "created_precision": precisions,
                "closed_at": closings.closed,
                "closed_precision": closings.precisions,
                "expected_close_on": closings.expected,
            }
        )
        self._look_at(dated, stays)
        return dated, stays

    def _fitted(self, values: "Values", closings: Closings) -> "Stays":
        """The stages that each was in; they may tell when it was closed."""
        stays: Stays = {}
        if not self._visits.by_deal and not any(values["stays"]):
            return stays
        closed, precisions = closings.closed, closings.precisions
        for place, (identity, own) in enumerate(zip(values["id"], values["stays"], strict=True)):
            past = (*self._visits.of_deal(identity), *own)
            if past:
                known = closed[place], precisions[place]
                fit = fitted(past, values["place"][place], known, self._stages)
                stays[place], (closed[place], precisions[place]) = fit.stays, fit.closed
                if fit.oddity is not None:
                    self._odd.add(*fit.oddity, values["row"][place])
        return stays

    def _look_at(self, values: "Values", stays: "Stays") -> None:
        """Find the latest moment, and the deals that were closed before they were created."""
        see = self.latest.see
        rows = zip(*(values[name] for name in _MOMENTS), strict=True)
        for place, (changed, created, as_created, closed, as_closed) in enumerate(rows):
            if place in stays:
                for stay in stays[place][-1:]:
                    see(*stay.entered)
            if changed is not None:
                see(*to_moment(changed))
            if closed is None:
                see(created, as_created)
                continue
            see(closed, as_closed)
            if created is not None and is_before(closed, as_closed, created, as_created):
                fact = "it was closed before it was created"
                self._odd.add("negative-cycle", fact, values["row"][place])


_MOMENTS = ("modified", "created_at", "created_precision", "closed_at", "closed_precision")
