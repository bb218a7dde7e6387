"""`cumulative_incidence`: how many have ended by each time, by cause, if some still last."""

from bisect import bisect_right
from collections.abc import Mapping, Sequence
from itertools import pairwise
from numbers import Real as AnyReal
from typing import TYPE_CHECKING, Any

import attrs

from salesflow.errors import OptionError, one_of, shown
from salesflow.forecast._curves import Curve
from salesflow.forecast._extra import require_numpy
from salesflow.forecast._numbers import to_whole

if TYPE_CHECKING:
    from salesflow.forecast._risks import Real, Whole

_MOST = 2**31


@attrs.frozen(kw_only=True)
class CumulativeIncidence(Curve):
    """What share has ended by each time, by cause.

    Attributes:
        times: the times at which any ended, ascending.
        open: the share that has not ended after each time; 1 before the first.
        causes: the causes, ascending.
        ended: of each cause, the share that it has ended by each time; 0 before the first.
        n: how many were watched.
        n_censored: how many of them had not ended when they were last seen.
    """

    times: tuple[float, ...]
    open: tuple[float, ...]
    causes: tuple[int, ...]
    ended: tuple[tuple[float, ...], ...]
    n: int
    n_censored: int

    def by(self, time: float, cause: int) -> float:
        """The share that a cause has ended by a time; beyond the last one, what it is there.

        Raises:
            OptionError: for a cause that ended none, and for a time that is no number.
        """
        _check_time(time)
        number: object = to_whole(cause)
        if not isinstance(number, AnyReal) or number not in self.causes:
            msg = f"cannot tell the share of cause {shown(cause)}: it ended none"
            hint = f"there is {one_of(map(str, self.causes))}." if self.causes else None
            raise OptionError(msg, hint=hint, parameter="cause", value=cause)
        place = bisect_right(self.times, time)
        return self.ended[self.causes.index(number)][place - 1] if place else 0.0

    def _columns(self) -> Mapping[str, Sequence[Any]]:
        named = {f"cause_{cause}": one for cause, one in zip(self.causes, self.ended, strict=True)}
        return {"time": self.times, "open": self.open, **named}


def cumulative_incidence(durations: object, causes: object) -> CumulativeIncidence:
    """What share has ended by each time, by cause, if some were watched for a while only?

    **Definition**: the estimator of Aalen and Johansen. Of a share that has not ended before a
    time, of which n are watched, a cause that ends k of them then takes k ÷ n. At equal times all
    causes come at once, and before those that are censored.

    Args:
        durations: how long each was watched; in any unit. [0 or more]
        causes: what ended each: a whole number above 0; 0 of what had not ended when it was last
            seen. [as many as durations]

    Returns:
        The shares at each time at which any ended; no times if none did.

    Raises:
        OptionError: for durations that are no finite numbers, or below 0; for causes that are no
            whole numbers, or below 0; for masked arrays; and if there are not as many of both.
        MissingExtraError: without numpy, which the extra ``forecast`` brings.

    Example:
        >>> found = cumulative_incidence([1, 2, 2, 3, 4], [1, 1, 2, 0, 1])
        >>> found.times, [round(share, 3) for share in found.open]
        ((1.0, 2.0, 4.0), [0.8, 0.4, 0.0])
        >>> round(found.by(2, cause=1), 3), round(found.by(9, cause=2), 3)
        (0.4, 0.2)

    References:
        O. O. Aalen and S. Johansen, "An empirical transition matrix for non-homogeneous Markov
        chains based on censored observations", Scandinavian Journal of Statistics 5 (1978).
    """
    require_numpy("estimate cumulative incidence")
    import numpy as np

    from salesflow.forecast._risks import Axis

    spans, ends = _durations(durations), _causes(causes)
    if len(spans) != len(ends):
        msg = f"cannot pair {len(spans)} durations with {len(ends)} causes"
        hint = "give as many of both."
        raise OptionError(msg, hint=hint, parameter="causes", value=len(ends))
    order = np.argsort(spans)
    spans, ends = spans[order], ends[order]  # what comes in order is found sooner
    axis = Axis(spans, ends, 1)
    left, taken = axis.incidence(axis.tally(spans, ends))
    ended = np.zeros((len(axis.causes), len(axis.times)))
    for cause, (first, last) in enumerate(pairwise(axis.starts)):
        ended[cause, axis.places[first:last]] = taken[first:last]
    return CumulativeIncidence(
        times=tuple(axis.times.tolist()),
        open=tuple(left.tolist()),
        causes=tuple(axis.causes.tolist()),
        ended=tuple(map(tuple, ended.cumsum(axis=1).tolist())),
        n=len(spans),
        n_censored=int(np.count_nonzero(ends == 0)),
    )


def _check_time(time: Any) -> None:
    is_number = isinstance(time, AnyReal) and not isinstance(time, bool)
    if not is_number or time != time:  # noqa: PLR0124 - so is nan alone
        msg = f"cannot tell the share by time {shown(time)}: it is no number"
        hint = "give one, in the unit of the durations."
        raise OptionError(msg, hint=hint, parameter="time", value=time)


def _durations(values: object) -> "Real":
    import numpy as np

    spans = _array(values, "durations")
    is_known = spans.dtype.kind in "iuf" or not spans.size
    if not is_known or not np.all(np.isfinite(spans) & (spans >= 0)):
        raise _not_these(values, "durations", "a number of 0 or more")
    found: Real = spans.astype(np.float64)
    return found


def _causes(values: object) -> "Whole":
    import numpy as np

    ends = _array(values, "causes")
    is_known = ends.dtype.kind in "iub" or not ends.size
    if not is_known or np.any((ends < 0) | (ends > _MOST)):
        raise _not_these(values, "causes", "a whole number of 0 or more")
    found: Whole = ends.astype(np.int64)
    return found


def _array(values: object, parameter: str) -> Any:
    """The values as an array of one axis, as numpy reads them."""
    import numpy as np

    if isinstance(values, np.ma.MaskedArray):
        msg = f"cannot estimate cumulative incidence: the {parameter} are a masked array"
        hint = "leave out what is masked, in both: give durations[known] and causes[known]."
        raise OptionError(msg, hint=hint, parameter=parameter, value=type(values).__name__)
    is_list = isinstance(values, Sequence) and not isinstance(values, str | bytes)
    try:
        found = np.asarray(values if is_list or hasattr(values, "__array__") else None)
    except Exception as error:
        raise _not_these(values, parameter, "a number") from error
    if found.ndim != 1:
        raise _not_these(values, parameter, "a number")
    return found


def _not_these(values: object, parameter: str, wanted: str) -> OptionError:
    msg = f"cannot estimate cumulative incidence: not each of the {parameter} is {wanted}"
    hint = "give a list, or an array of numpy."
    return OptionError(msg, hint=hint, parameter=parameter, value=type(values).__name__)
