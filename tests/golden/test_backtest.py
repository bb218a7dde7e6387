"""A backtest of seven deals by hand, with the arithmetic beside each number.

Days are counted from 1 January 2026. Three windows of ten days begin on days 20, 30 and 40.

====  ======  ====  =====  ========  ==============================================
deal  amount  talk  offer  closed    what it is to the windows
====  ======  ====  =====  ========  ==============================================
A        100     0      5  won 12    won before
B        200     0      8  lost 15   lost before
C        400    10     18  won 25    open at 20, won in the first
D        300    12     22  won 35    open at 20 and at 30, won in the second
E         50    21     23  won 28    new in the first
F         80    26     29  lost 44   open at 30 and at 40, lost in the third
G         60    31     33  won 38    new in the second
H        500    33     36  won 40    open at 40: what happens on the day is not known yet
====  ======  ====  =====  ========  ==============================================

Won in all: 450 in the first (C, E), 360 in the second (D, G), 500 in the third (H); of the deals
that were open when they began 400, 300 and 500.
"""

from datetime import UTC, date, datetime, timedelta

import pytest

from salesflow import Money, Pipeline, Stage, forecast
from salesflow.forecast import Forecast

pytest.importorskip("numpy", reason="the extra forecast brings numpy")

SMALL = Pipeline("small", ["talk", "offer", Stage("won", kind="won"), Stage("lost", kind="lost")])


def day(number):
    return datetime(2026, 1, 1, tzinfo=UTC) + timedelta(days=number)


def deal(identity, amount, talk, offer, verb, closed):
    made = SMALL.open(identity, id=identity, amount=Money(amount, "EUR"), at=day(talk))
    made = SMALL.advance(made, at=day(offer))
    if verb == "won":
        return SMALL.win(made, at=day(closed))
    return SMALL.lose(made, "price", at=day(closed))


DEALS = [
    deal("A", 100, 0, 5, "won", 12),
    deal("B", 200, 0, 8, "lost", 15),
    deal("C", 400, 10, 18, "won", 25),
    deal("D", 300, 12, 22, "won", 35),
    deal("E", 50, 21, 23, "won", 28),
    deal("F", 80, 26, 29, "lost", 44),
    deal("G", 60, 31, 33, "won", 38),
    deal("H", 500, 33, 36, "won", 40),
]
DAYS = [date(2026, 1, 21), date(2026, 1, 31), date(2026, 2, 10)]
PLAIN = ["stage_weights", "last_period", "run_rate"]


def backtested(**options):
    return forecast.backtest(DEALS, DAYS, 10, as_of=day(50), methods=PLAIN, **options)


def amounts(found, method):
    return [str(one.amount.amount) for (_, name), one in found.forecasts.items() if name == method]


def test_what_was_won_is_that_of_the_window():
    found = backtested().forecasts
    assert [str(period) for period, _ in found][::3] == [
        "2026-01-21/2026-01-31",
        "2026-01-31/2026-02-10",
        "2026-02-10/2026-02-20",
    ]
    assert [one.actual.amount for one in found.values()][::3] == [450, 360, 500]
    assert [one.actual_n_won for one in found.values()][::3] == [2, 2, 1]
    found = backtested(target="open").forecasts
    assert [one.actual.amount for one in found.values()][::3] == [400, 300, 500]


def test_the_last_period_says_what_was_won_in_it():
    # Won in [10, 20): A, 100. Errors 100 - 450, 450 - 360, 360 - 500.
    found = backtested()
    assert amounts(found, "last_period") == ["100", "450", "360"]
    score = found["last_period"]
    assert float(score.bias.amount) == pytest.approx((-350 + 90 - 140) / 3)  # = -133.33
    assert float(score.mae.amount) == pytest.approx((350 + 90 + 140) / 3)
    assert score.error_share == pytest.approx((350 + 90 + 140) / (450 + 360 + 500))
    # 1 win, 2 and 2, where there were 2, 2 and 1.
    assert score.n_won_bias == pytest.approx((-1 + 0 + 1) / 3)
    assert score.n_won_mae == pytest.approx((1 + 0 + 1) / 3)
    # Of deals open at the start, 100, 400 and 300 were won.
    assert amounts(backtested(target="open"), "last_period") == ["100", "400", "300"]


def test_the_run_rate_is_the_mean_of_all_windows_of_the_history():
    # The windows before end at day 20, and at day 10, when nothing had been won yet:
    # (100 + 0) / 2, then (450 + 100 + 0) / 3 and (360 + 450 + 100 + 0) / 4.
    assert amounts(backtested(), "run_rate") == ["50.00", "183.33", "227.50"]


def test_stage_weights_take_the_share_of_the_stage_that_was_won():
    # At 20, A and B are closed, and both had been in both stages: 1/2. C and D are open.
    # At 30, A, C and E of four: 3/4. D and F are open. At 40, five of six: F and H are open.
    found = backtested(target="open")
    assert amounts(found, "stage_weights") == [
        "350.00",  # 400 / 2 + 300 / 2
        "285.00",  # 300 × 3/4 + 80 × 3/4
        "483.34",  # 66.67 + 416.67
    ]
    # C was won in its window, D not yet in the first but in the second; F was not, H was.
    squares = [0.5**2, 0.5**2, 0.25**2, 0.75**2, (5 / 6) ** 2, (1 / 6) ** 2]
    score = found["stage_weights"]
    assert score.n_chances == 6
    assert score.brier == pytest.approx(sum(squares) / 6)
    assert score.chance_bias == pytest.approx((2 / 2 + 2 * 3 / 4 + 2 * 5 / 6) / 6 - 3 / 6)


def test_asked_for_all_they_add_what_new_deals_used_to_bring():
    # New deals brought nothing before day 20, then 50 (E) and 60 (G): 50 / 3 and 110 / 4.
    assert amounts(backtested(), "stage_weights") == ["350.00", "301.67", "510.84"]
    wins = [one.n_won for (_, name), one in backtested().forecasts.items() if name == PLAIN[0]]
    assert wins == pytest.approx([1, 1.5 + 1 / 3, 5 / 3 + 2 / 4])


def test_calibration_bins_the_chances():
    found = backtested().calibration("stage_weights")
    table = {low: (one.n, one.n_won) for low, one in found.items() if one.n}
    assert table == {0.5: (2, 1), 0.7: (2, 1), 0.8: (2, 1)}
    assert found[0.7].mean_probability == pytest.approx(0.75)
    assert found[0.7].won_share == pytest.approx(0.5)
    # Wilson, 1 of 2: (1/2 ± z/√2 √(1/4 + z²/8) …) is 0.0945 to 0.9055.
    assert found[0.7].interval == pytest.approx((0.0945, 0.9055), abs=1e-4)
    assert found[0.0].mean_probability is None
    assert (found.whole.n, found.whole.n_won) == (6, 3)
    assert found.whole.mean_probability == pytest.approx((1 + 1.5 + 5 / 3) / 6)


def test_a_range_is_counted_if_it_holds_what_was_won():
    def wide(question):
        low, high = Money(300, question.currency), Money(450, question.currency)
        return Forecast(amount=low, low=low, high=high, aimed_share=0.5)

    found = forecast.backtest(DEALS, DAYS, 10, as_of=day(50), methods=[wide])
    held = [one.is_covered for one in found.forecasts.values()]
    assert held == [True, True, False]  # 450 is at its end, 360 within, 500 beyond
    rate = found["wide"].coverage
    assert (rate.value, rate.numerator, rate.denominator) == (pytest.approx(2 / 3), 2, 3)
    assert found["wide"].aimed_share == 0.5
    assert found["wide"].brier is None


def test_three_windows_are_too_few_to_name_the_better_one():
    # Absolute errors: run_rate 400, 176.67 and 272.50; stage_weights 100, 58.33 and 10.84: three
    # signs of three agree by chance in 2 of 8 cases.
    found = backtested()
    told = found.compare("run_rate", "stage_weights")
    assert (told.n, told.p_value, told.better) == (3, 0.25, None)
    expected = (400 - 100 + 176.67 - 58.33 + 272.50 - 10.84) / 3
    assert float(told.difference.amount) == pytest.approx(expected)
    assert found.best is None
    assert found.contenders == ("stage_weights", "last_period", "run_rate")
