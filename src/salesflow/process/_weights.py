"""What frameworks and profiles share: parts with weights, and how their faults are refused."""

import math
from collections.abc import Iterable
from fractions import Fraction
from typing import Any, Never

from salesflow.errors import CriteriaError, shown


def to_parts(values: Any) -> tuple[Any, ...]:
    """Several values as a tuple; what is no list is kept, for the check to name it."""
    several = isinstance(values, Iterable) and not isinstance(values, str)
    return tuple(values) if several else (values,)


def to_weight(value: Any) -> Any:
    """A number as a float; what is none is kept, for the check to name it."""
    if isinstance(value, int | float) and not isinstance(value, bool):
        try:
            return float(value)
        except OverflowError:
            return value
    return value


def weight_faults(what: str, weight: object) -> list[str]:
    """What is wrong with the weight of something, in words."""
    if isinstance(weight, float) and math.isfinite(weight) and weight > 0:
        return []
    return [f"{what} has weight {shown(weight)}, which is no finite number above 0"]


def in_units(weights: Iterable[float]) -> tuple[int, ...]:
    """Weights as whole numbers of one unit, so that their sums and quotients are exact.

    Each is the decimal it is written as: 0.1 is a tenth, ten of which are 1.
    """
    exact = [Fraction(str(weight)) for weight in weights]
    unit = math.lcm(*(weight.denominator for weight in exact))
    return tuple(int(weight * unit) for weight in exact)


def refuse(what: str, name: object, faults: list[str]) -> Never:
    """Raise all faults of a framework, a profile or a rule."""
    listed = "\n".join(f"- {fault}" for fault in faults)
    msg = f"cannot define {what} {shown(name)}: it has {len(faults)} fault(s)\n{listed}"
    raise CriteriaError(
        msg, name=name if isinstance(name, str) else shown(name), faults=tuple(faults)
    )
