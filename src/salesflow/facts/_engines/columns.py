"""What is read off a frame: a column of theirs, into one of few physical types."""

from typing import Literal

import attrs

Kind = Literal[
    "any",
    "id",
    "text",
    "number",
    "integer",
    "blank",
    "known",
    "flag",
    "instant",
    "day",
    "amount",
    "exact",
]
"""What a column is read into.

``any``, ``id``
    as it is; for keys of groups, and to join by.
``text``
    text; ``flag``: true or false; ``number``: a float, unknown where it is nan.
``known``
    of a text, whether it is there.
``integer``
    64 bits; ``blank``: the same, where all of it is unknown.
``instant``
    microseconds since 1970 in UTC; ``day``: the same of its midnight, whatever the zone.
``amount``
    a float as whole minor units of its currency, and whether digits were lost in ``<name>_lost``.
``exact``
    an integer or decimal as whole units of ``10 ** -digits``, and whether it is too long for that
    in ``<name>_lost``.
"""

FEW_DIGITS, MANY_DIGITS = 6, 18
"""A decimal of up to 18 digits fits 64 bits as it is; of a longer one, 6 decimals are read."""


@attrs.frozen
class Raw:
    """One column to read.

    Args:
        name: what it is called from here on.
        source: what the frame calls it.
        kind: what it is read into.
        zone: of times without a zone, the one they are read in; None for times that name theirs.
        digits: of amounts, how many decimals a unit has.
        scale: of decimals, how many digits the column has behind the point.
        minor: of floats with a column of currencies, how many decimals each has that has not 2.
        currency: the column of currencies, as the frame calls it.
        unsaid: how many decimals an amount has whose currency that column does not tell.
    """

    name: str
    source: str
    kind: Kind
    zone: str | None = None
    digits: int = 0
    scale: int = 0
    minor: tuple[tuple[int, tuple[str, ...]], ...] = ()
    currency: str | None = None
    unsaid: int = 2

    @property
    def lost(self) -> str:
        """The name of the column that says which amounts lost digits."""
        return f"{self.name}_lost"


LARGEST = 2**53
"""Floats below are exact integers."""

LARGEST_AMOUNT = 2**52
"""No float amount of so many minor units is read: beyond, a half is lost where it is rounded."""

TOLERANCE = 1e-6
"""How far, in minor units, a float may be from a whole number of them: binary noise, no digits."""
NOISE = 2**-52
"""The same for each minor unit: what reading a decimal and scaling it may lose."""

HALF = 0.5 + TOLERANCE
"""What rounds up: 1.005 is a little less than itself as a float."""

DAY_US = 86_400_000_000
