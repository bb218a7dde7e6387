"""Names of stages and columns as people write them, and what their words tell."""

import re
import unicodedata
from typing import Literal

_WON = frozenset({"won", "win", "closedwon", "signed", "gewonnen", "gagne", "ganado"})
_LOST = frozenset({"lost", "loss", "closedlost", "disqualified", "verloren", "perdu", "perdido"})


def folded(name: str) -> str:
    """A name of a stage or a column in small letters, of letters and digits alone, no accents.

    Example:
        >>> folded("Close Date"), folded("close_date"), folded("Probability (%)")
        ('closedate', 'closedate', 'probability')
    """
    plain = unicodedata.normalize("NFKD", name.casefold())
    return "".join(char for char in plain if char.isalnum()) or name


def kind_by_name(name: str) -> Literal["open", "won", "lost"]:
    """What a stage means by the words of its name: the last thing to ask."""
    words = {folded(word) for word in re.split(r"[\W_]+", name) if word} | {folded(name)}
    if words & _LOST:
        return "lost"
    return "won" if words & _WON else "open"
