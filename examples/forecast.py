"""For a sales leader: which forecast to trust, before next quarter's is shown to anybody.

Run it with ``python examples/forecast.py``. It needs the extra ``forecast``.
"""

from datetime import date

from salesflow import Money, Period, datasets
from salesflow.forecast import Forecast, Method, Question, StageModel, backtest, simulate


def best_month(question: Question) -> Forecast:
    """What an optimist says: the best of the windows before, once more."""
    if not question.past:
        return Forecast.unknown("short_history")
    return Forecast(amount=max(question.won_in(period).total for period in question.past))


if __name__ == "__main__":
    data = datasets.make_deals(900, seed=8)
    days = [date(2025, month, 1) for month in range(1, 12)]
    methods: list[str | Method] = ["learned", "stage_weights", "run_rate", best_month]
    found = backtest(data.deals, days, 28, as_of=data.as_of, methods=methods)
    print("How wrong each would have been")
    print(found, "\n")

    # The optimist and the weights of stages promise too much.
    for name in ("best_month", "stage_weights"):
        bias = found[name].bias
        assert bias is not None
        assert bias > Money(0, "EUR")
    # What sets the learned method apart from each of the others is not explained by chance.
    assert found.best == "learned"
    assert all(found.compare("learned", name).better == "learned" for name in list(found)[1:])

    print("How often deals were won that were given about the same chance")
    table = found.calibration("learned")
    print(table, "\n")
    assert table.whole.interval is not None
    low, high = table.whole.interval
    assert table.whole.mean_probability is not None
    assert low <= table.whole.mean_probability <= high

    quarter = Period.quarter(2026, 1)
    model = StageModel.fit(data.deals, as_of=data.as_of)
    draws = simulate(data.deals, model, quarter, n=2_000, seed=1, new_deals=True)
    worst, best = draws.interval(0.9)
    print(f"{quarter}: {worst} to {best}, with a chance of 90 %")
    assert worst < draws.mean < best
    assert draws.chance_of(worst) >= 0.95
