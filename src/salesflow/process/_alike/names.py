"""Names of people and of firms, and how alike two of them are."""

import re
import unicodedata
from collections.abc import Iterable, Iterator, Mapping

from rapidfuzz.distance import OSA

from salesflow.process._alike.providers import (
    CJK_FORMS,
    CONNECTORS,
    FIRM_SIGNS,
    LEGAL_FORMS,
    TITLES,
)

Words = tuple[str, ...]
"""The words of a name, in the order of the alphabet."""

Counts = Mapping[str, int]
"""How many names there are with a word."""

NO_COUNTS: Counts = {}

DIFFERENT = 0.65
"""Names are at most so much alike if each has a word that the other has not."""

_MAX_WORDS = 12
_MAX_LETTERS = 40
_MIN_UMLAUT = 5

_ABBREVIATED = re.compile(r"\b(?:[^\W\d_]\.\s?)+[^\W\d_]\b\.?|\ba/s\b")
_POLISH = re.compile(r"\bsp\.? z ?o\.? ?o\b")
_WORD = re.compile(r"[^\x00-/:-@\[-`{-\x7f]+")
_QUOTES = re.compile("['`\u00b4\u2019]")
_NO_BLANKS = "\u2e80"  # from here on, the scripts of East Asia
_MARKS = re.compile("[\u0300-\u036f]")
_LETTERS = str.maketrans(
    {"ø": "o", "ł": "l", "đ": "d", "ð": "d", "þ": "th", "æ": "ae", "œ": "oe", "\u0131": "i"}
)


class Name:
    """A name as it is compared.

    Attributes:
        text: as it was written.
        words: its words, in the order of the alphabet.
        joined: its words in their own order, without blanks.
    """

    __slots__ = ("joined", "text", "words")

    def __init__(self, text: str, words: Iterable[str]) -> None:
        self.text = text
        in_order = [*words][:_MAX_WORDS]
        self.words: Words = (*sorted(in_order),)
        self.joined = "".join(in_order)

    @property
    def is_first_name(self) -> bool:
        """Whether it is one word, as many people have it; not where names have no blanks."""
        return len(self.words) == 1 and self.joined < _NO_BLANKS


def folded(text: str) -> str:
    """The text without case and accents, in one form of Unicode."""
    small = text.casefold()
    if small.isascii():
        return small
    plain = unicodedata.normalize("NFKD", small).translate(_LETTERS)
    # Only the marks of Latin, Greek and Cyrillic: those of other scripts are letters.
    return unicodedata.normalize("NFC", _MARKS.sub("", plain))


def person_name(text: str) -> Name | None:
    """The name of a person, or of a firm where that is all there is; None without words."""
    words = _words(text)
    kept = [word for word in words if word not in TITLES] or words
    while len(kept) > 1 and kept[-1] in FIRM_SIGNS:
        kept.pop()
    return Name(text, kept) if kept else None


def firm_name(text: str) -> Name | None:
    """The name of a firm without its legal form; None without words."""
    plain = unicodedata.normalize("NFKC", text.casefold())
    for form in CJK_FORMS:
        plain = plain.replace(form, " ")
    plain = _ABBREVIATED.sub(_without_dots, _POLISH.sub(" ", plain))
    words = _words(plain) or _words(text)
    kept = [word for word in words if word not in CONNECTORS] or words
    kept = [word for word in kept if word not in LEGAL_FORMS] or kept
    return Name(text, kept) if kept else None


def _words(text: str) -> list[str]:
    plain = _QUOTES.sub("", folded(text))
    if not plain.isascii():
        plain = "".join(char if _is_letter(char) else " " for char in plain)
    return [without_umlaut(word) for word in _WORD.findall(plain)]


def _is_letter(char: str) -> bool:
    """Whether it belongs to a word, as the vowels of some scripts do, which are marks."""
    return char.isalnum() or unicodedata.category(char).startswith("M")


def without_umlaut(word: str) -> str:
    """The word with ``ae`` as ``a``, since an umlaut is written either way; Joe stays Joe."""
    if len(word) < _MIN_UMLAUT or "e" not in word:
        return word
    return word.replace("ae", "a").replace("oe", "o").replace("ue", "u")


def _without_dots(found: "re.Match[str]") -> str:
    return "".join(filter(str.isalnum, found[0]))


_INITIAL = 0.65
_EXTRA = 0.3
_NEARLY = 0.6
_MIN_WEIGHT = 4
_LONG = 6
_COMMON = 3
_RARER = 0.1


def alike(one: Name, other: Name, counts: Counts = NO_COUNTS) -> float:
    """How alike two names are, from 0 to 1, whatever the order of their words.

    Each word is set against the one that is most like it, counting letters that are wrong, missing,
    added or swapped; long words weigh more. A word that only one of them has weighs little. Two
    words that are both common are two names, and not one with a slip: Paul and Paula.
    """
    if one.words == other.words:
        return 1.0
    found = _by_words(one.words, other.words, counts)
    # Words are written together, or apart; but "Erik A." is not "Erika".
    is_split = len(one.words) != len(other.words)
    if is_split and all(len(word) > 1 for word in (*one.words, *other.words)):
        found = max(found, _likeness(one.joined, other.joined))
    return found


def loosely_alike(one: Name, other: Name) -> float:
    """The share of letters in which two names agree, for those that have much else in common."""
    in_order = OSA.normalized_similarity(one.joined, other.joined)
    return max(in_order, OSA.normalized_similarity("".join(one.words), "".join(other.words)))


def _by_words(one: Words, other: Words, counts: Counts) -> float:
    left, right = [*one], [*other]
    for word in one:
        if word in right:
            left.remove(word)
            right.remove(word)
    is_shared = len(left) < len(one)
    gained = total = float(_weight(one) - _weight(left)) if is_shared else 0.0
    shortened: list[list[str]] = []
    while left and right:
        likeness, first, second = _closest(left, right, counts)
        if not likeness:
            break
        left.remove(first)
        right.remove(second)
        weight = max(len(first), len(second), _MIN_WEIGHT)
        gained += likeness * weight
        total += weight
        shortened += [left] if len(first) == 1 else [right] if len(second) == 1 else []
    if not gained:
        return 0.0  # as nearly all of those that are compared
    if left and right:
        return min(DIFFERENT, gained / (total + max(_weight(left), _weight(right))))
    found = gained / (total + _EXTRA * (_weight(left) + _weight(right)))
    # An initial stands for a word of the other name, so what is written out has to be there too.
    is_other = any(len(word) > 1 for rest in shortened for word in rest)
    return min(DIFFERENT, found) if is_other else found


def _weight(words: Iterable[str]) -> int:
    return sum(max(len(word), _MIN_WEIGHT) for word in words)


def _closest(left: list[str], right: list[str], counts: Counts) -> tuple[float, str, str]:
    """The two words that are most alike; on equal terms the same two, whichever side they are."""
    found = (0.0, "", "")
    for first in left:
        for second in right:
            likeness = _likeness(first, second)
            if likeness >= max(found[0], _NEARLY) and not _are_two(first, second, counts):
                pair = (likeness, first, second)
                found = max(found, pair, key=_in_order)
    return found


def _in_order(pair: tuple[float, str, str]) -> tuple[float, list[str]]:
    return pair[0], sorted(pair[1:])


def _are_two(one: str, other: str, counts: Counts) -> bool:
    """Whether both words are common: a slip of the pen is rare beside the word that it spoils."""
    first, second = counts.get(one, 0), counts.get(other, 0)
    few, many = (first, second) if first < second else (second, first)
    return few >= _COMMON and few >= _RARER * many and len(one) > 1 and len(other) > 1


def _likeness(one: str, other: str) -> float:
    short, long = len(one), len(other)
    if short > long:
        short, long = long, short
    if short == 1:
        return _INITIAL if one[0] == other[0] else 0.0
    # In East Asia each sign is a syllable or a word: no short name has one by a slip.
    allowed = 2 if long >= _LONG else 0 if one >= _NO_BLANKS else 1
    if long - short > allowed:
        return 0.0
    wrong = OSA.distance(one, other, score_cutoff=allowed)
    return 1 - wrong / long if wrong <= allowed else 0.0


def near_keys(words: Words) -> Iterator[str]:
    """Keys of which two names share one, if one word of theirs differs by one slip."""
    yield " ".join(words)
    for place, word in enumerate(words):
        rest = " ".join(words[:place] + words[place + 1 :])
        for near in near_words(word):
            yield f"{rest}|{near}"


def near_words(word: str) -> Iterator[str]:
    """The word, and without each of its letters: two words one slip apart share one of these."""
    yield word
    if len(word) <= _MAX_LETTERS:
        for at in range(len(word)):
            yield word[:at] + word[at + 1 :]
