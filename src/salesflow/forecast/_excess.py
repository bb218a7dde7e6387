"""Whether counts differ from span to span by more than chance explains.

This module needs numpy.
"""

from salesflow.forecast._risks import Real


def excess_variance(differences: Real, spread: Real, shares: Real) -> float:
    """How much a factor varies that multiplies what is expected in each span.

    **Definition**: where W were counted, V expected, and chance alone gives W - V the variance B, a
    factor whose logarithm has the variance s² makes it about B + s² B². u is the sum of
    (W - V)² - B over the sum of B², both less what the expectation took of them, as it was learned
    from the same counts. It is rough: of chance alone it has a variance v, and is as often above 0
    as below. So it counts the less the nearer it is to that noise: s² is u³ ÷ (u² + v), and 0 if u
    is below 0.

    Args:
        differences: W - V, of each span.
        spread: B.
        shares: the share of each span of all B.

    Returns:
        s².
    """
    own = spread * (1 - shares)
    weight = float((spread**2 * (1 - 2 * shares + (shares**2).sum())).sum())
    found = max(float((differences**2 - own).sum()) / weight, 0.0)
    noise = float((2 * own**2 + own).sum()) / weight**2
    return found**3 / (found**2 + noise)
