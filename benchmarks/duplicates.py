"""Duplicates among 100,000 leads of which it is known who is who.

The leads are seeded, and another seed than those that the weights were found on. Peer of recall
and precision: leads with the same e-mail, case and blanks aside, as many systems look for them.
Peer of the time: the bound.

Pairs that tell nothing in common but a name are not counted: nobody could know. The other kinds of
mess have a row each: of the pairs whose records went through it, how many were found.
"""

from collections import Counter, defaultdict
from itertools import combinations
from time import perf_counter

import attrs

from benchmarks._lead_mess import Book, book
from benchmarks._timing import Row, at_most
from salesflow import duplicates

N = 100_000
SEED = 2026
SECONDS = 60
BOUND = 0.98

Pairs = set[tuple[str, str]]


@attrs.frozen
class Result:
    """What was found, in how many seconds."""

    book: Book
    found: Pairs
    seconds: float
    n_compared: int

    def recall(self, found: Pairs | None = None) -> float:
        """Of the pairs that are the same, the share that was found."""
        return len(self._right(found)) / len(self.book.truth)

    def precision(self, found: Pairs | None = None) -> float:
        """Of the pairs that were found, the share that is the same."""
        all_found = self.found if found is None else found
        return len(self._right(found)) / len(all_found - self.book.hopeless)

    def by_mess(self) -> dict[str, tuple[int, float]]:
        """Of each mess, how many pairs went through it, and the share that was found."""
        planted = Counter(mess for messes in self.book.truth.values() for mess in messes)
        hits = Counter(mess for pair in self._right(None) for mess in self.book.truth[pair])
        return {mess: (n, hits[mess] / n) for mess, n in sorted(planted.items())}

    def _right(self, found: Pairs | None) -> Pairs:
        return (self.found if found is None else found) & self.book.truth.keys()


def measure(n: int, *, seed: int) -> Result:
    """Find the duplicates of ``n`` seeded leads."""
    made = book(n, seed=seed)
    start = perf_counter()
    result = duplicates(made.leads, contacts=made.contacts, accounts=made.accounts)
    seconds = perf_counter() - start
    pairs = {(pair.one_id, pair.other_id) for pair in result}
    return Result(made, pairs, seconds, result.n_compared)


def same_mail(made: Book) -> Pairs:
    """The pairs that have the same e-mail."""
    mails = {contact.id: contact.email for contact in made.contacts}
    boxes: dict[str, list[str]] = defaultdict(list)
    for lead in made.leads:
        own = lead.custom.get("email")
        email = own if isinstance(own, str) else next(map(mails.get, lead.contact_ids), None)
        if email is not None:
            boxes[email.strip().lower()].append(lead.id)
    return {pair for ids in boxes.values() for pair in combinations(ids, 2)}


def rows() -> list[Row]:
    """The table's lines."""
    result = measure(N, seed=SEED)
    peer = same_mail(result.book)
    n_all = f"{N:,} leads, {len(result.book.truth):,} pairs"
    time = f"duplicates, {result.n_compared:,} of 5 billion pairs compared"
    found = [
        at_most(time, result.seconds, SECONDS, "s", 1.0),
        _share(f"recall, {n_all}", result.recall(), result.recall(peer)),
        _share("precision", result.precision(), result.precision(peer)),
    ]
    messes = result.by_mess().items()
    found += [_free(f"recall, {mess} ({n:,})", share) for mess, (n, share) in messes]
    hopeless, planted = result.book.hopeless, result.book.truth.keys() | result.book.hopeless
    share = len(result.found & hopeless) / max(len(hopeless), 1)
    all_share = len(result.found & planted) / len(planted)
    return [
        *found,
        _free(f"not counted: nothing but a name in common ({len(hopeless):,})", share),
        _free(f"recall, if those were counted ({len(planted):,})", all_share),
    ]


def _free(what: str, share: float) -> Row:
    """A row without a bound."""
    return Row(f"  {what}", share * 100, 100, "%", "no bound", holds=True)


def _share(what: str, ours: float, peer: float) -> Row:
    return Row(what, ours * 100, peer * 100, "%", f">= {BOUND:.0%}", ours >= BOUND)
