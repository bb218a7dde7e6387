"""`BadCell`: a cell that does not hold what its column should."""

import attrs


@attrs.frozen
class BadCell:
    """Takes the place of the value of a cell that cannot be read, and says why."""

    fact: str
    """As a message ends: ``'12/13/2024' is no date as d/m/y``."""
