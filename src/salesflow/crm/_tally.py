"""`Tally`: what is odd about deals that can be read, seen over all of them."""

from collections import Counter
from itertools import pairwise
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence

    from salesflow.crm._fields import Values
    from salesflow.crm._notes import Notes, RowNotes
    from salesflow.process import Pipeline
    from salesflow.process._restoring import Stay

_STATES = {"open": "it is open", "won": "it was won", "lost": "it was lost"}


class Tally:
    """Counts what deals lack, and how they went through the stages."""

    def __init__(self, pipeline: "Pipeline", notes: "Notes") -> None:
        """Begin with no deals."""
        self._notes = notes
        self._open = {
            stage.name: place for place, stage in enumerate(pipeline.stages) if stage.kind == "open"
        }
        self._outcomes: Counter[str] = Counter()
        self._n_moves = self._n_skips = self._n_back = self._n_known = 0

    def see(self, values: "Values", outcomes: "Sequence[str]", notes: "RowNotes") -> None:
        """Some more deals."""
        self._outcomes.update(outcomes)
        rows, add = values["row"], notes.add
        for row, outcome, amount in zip(rows, outcomes, values["amount"], strict=True):
            if amount is None:
                add("no-amount", f"{_STATES[outcome]}, and has no amount", row)
            elif not amount.amount and outcome != "open":
                add("zero-amount", f"{_STATES[outcome]}, and its amount is 0", row)
        for row, created in zip(rows, values["created_at"], strict=True):
            if created is None:
                add("no-created-date", "when it was created is unknown", row)
        for row, outcome, closed in zip(rows, outcomes, values["closed_at"], strict=True):
            if closed is None and outcome != "open":
                add("no-closing-date", f"{_STATES[outcome]}, when is unknown", row)

    def count_moves(self, stays: "Sequence[Stay]") -> None:
        """The stages that one of them was in."""
        self._n_known += 1
        places = [self._open[stay.stage] for stay in stays if stay.stage in self._open]
        for before, after in pairwise(places):
            self._n_moves += 1
            self._n_skips += after > before + 1
            self._n_back += after < before

    def note(self) -> None:
        """Say what only all deals together tell."""
        add, n_deals = self._notes.add, self._outcomes.total()
        if n_deals and not self._n_known:
            add("no-history", "nothing tells when deals entered their stages")
        for n, code, words in (
            (self._n_skips, "skipped-stages", "leave out stages"),
            (self._n_back, "backward-moves", "go back"),
        ):
            if n:
                add(code, f"{n:,} of {self._n_moves:,} moves between open stages {words}")
        closed = [word for word in ("won", "lost") if self._outcomes[word]]
        if len(closed) == 1:
            add("one-outcome", f"every closed deal was {closed[0]}")
