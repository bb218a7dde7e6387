"""Which records are compared at all: those that have something in common.

Records with the same e-mail, phone, domain and the like are a block. Within a large block, only
those are compared that have a word of their names in common, or nearly; within one that is larger
still, those whose whole names are nearly the same. So have all others whose names nearly are the
same. The order of the records does not matter.
"""

from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import Generic, TypeVar

from salesflow.process._alike.given import Key, Traits
from salesflow.process._alike.names import Counts, Words, near_keys, near_words

# Of so many, all are compared, those with a word in common, or nearly a whole name.
_ALL = 40
_BY_WORD = 200
_BY_NAME = 1_000

T = TypeVar("T", bound=Traits)
K = TypeVar("K")
V = TypeVar("V")

Block = list[int]
"""The places of records, in order."""


class Blocks(Generic[T]):
    """Records, and what they have in common.

    Attributes:
        counts: how many names there are with a word.
        left_out: what so many have in common that they were not all compared → how many.
    """

    def __init__(self, records: Sequence[T]) -> None:
        self._records = records
        self.left_out: dict[str, int] = {}
        self._named: dict[Words, Block] = defaultdict(list)
        for place, record in enumerate(records):
            if record.name is not None:
                self._named[record.name.words].append(place)
        counts: dict[str, int] = defaultdict(int)
        for words in self._named:
            for word in {*words}:
                counts[word] += 1
        self.counts: Counts = dict(counts)

    def pairs(self) -> Iterator[tuple[int, int]]:
        """The places of all pairs to compare, each once, the lower one first."""
        blocks_of = self._blocks()
        near = self._near_names()
        for place in range(len(self._records) - 1, -1, -1):
            # Places come in order, so this one is the last in each block that still has it.
            others: set[int] = set()
            for block in blocks_of.pop(place, ()):
                block.pop()
                others.update(block)
            name = self._records[place].name
            if name is not None and name.words in self._named:
                self._named[name.words].pop()
                for words in near.get(name.words, (name.words,)):
                    others.update(self._named[words])
            yield from ((other, place) for other in others)

    def _blocks(self) -> dict[int, list[Block]]:
        """The blocks that each record is in."""
        # Two writings of one number are one mark.
        marks = (
            (mark, at)
            for at, record in enumerate(self._records)
            for mark in dict.fromkeys(record.marks())
        )
        found: dict[int, list[Block]] = defaultdict(list)
        for mark, members in _shared(marks).items():
            for block in self._parts(mark, members):
                for place in block:
                    found[place].append(block)
        return found

    def _parts(self, key: Key, members: Block) -> Iterator[Block]:
        """The block, or parts of it if it is large."""
        if len(members) <= _ALL:
            yield members
            return
        parts = self._grouped(members, _words_nearly) if len(members) <= _BY_NAME else [members]
        left: set[int] = set()
        for part in parts:
            if len(part) <= _BY_WORD:
                yield part
                continue
            for smaller in self._grouped(part, near_keys):
                if len(smaller) <= _BY_NAME:
                    yield smaller
                else:
                    left.update(smaller)
        if left:
            self.left_out[f"same {key[0]} {key[1]}, and nearly one name"] = len(left)

    def _grouped(
        self, members: Block, keys_of: Callable[[Words], Iterable[str]]
    ) -> Iterator[Block]:
        named = ((place, self._records[place].name) for place in members)
        words = ((place, name.words) for place, name in named if name is not None)
        return iter(_shared((key, at) for at, name in words for key in {*keys_of(name)}).values())

    def _near_names(self) -> dict[Words, set[Words]]:
        """Each name → those that nearly are it; names that too many have are left out."""
        for words in [*self._named]:
            if len(self._named[words]) > _BY_NAME:
                self.left_out[f"same name '{' '.join(words)}'"] = len(self._named.pop(words))
        keys = ((key, words) for words in self._named for key in {*near_keys(words)})
        found: dict[Words, set[Words]] = defaultdict(set)
        for alike in _shared(keys).values():
            for words in alike:
                found[words].update(alike)
        return found


def _shared(pairs: "Iterable[tuple[K, V]]") -> dict[K, list[V]]:
    """The keys that several have, each → those that have it, in order.

    Most keys are of one alone; a list for each of those would be most of the time and memory.
    """
    first: dict[K, V] = {}
    found: dict[K, list[V]] = {}
    for key, value in pairs:
        one = first.setdefault(key, value)
        if one is not value:
            found.setdefault(key, [one]).append(value)
    return found


def _words_nearly(words: Words) -> Iterator[str]:
    for word in words:
        yield from near_words(word)
