"""What will happen: expected from what is there, or learned from how deals went before.

`categories`
    what a period is expected to bring, by forecast category; `_category_needs` has what that takes.
`quotas`
    what is to be won, and what that still takes.
`terms`, `terms_by`
    when the amount of a deal is paid, and which deals are paid when.
`cash`, `cash_bands`
    when money is due, as a curve, and as ranges over simulated futures: `_schedules` parts an
    amount, `_cash_spans` and `_days` say which period a payment is in, `_cash_futures` adds up each
    future.
`stage_model`
    `StageModel`: how often, and how fast, deals are won from where they are. `_visits` reads the
    visits of each of the `_segments`; `_stages` and `_risks` have them as arrays; `_fates` and
    `_chain` make curves of them, `_outlooks` those of deals; `_model_file` is the model as JSON.
`incidence`
    how many have ended by each time, by cause, if some still last.
`simulation`, `simulation_options`, `what_if`
    the revenue of a period in many draws, and what a change of the process would bring. `_plan`
    checks what is asked for; `_revenues` are the deals of a call, `_comings` when they came,
    `_prices` what those without an amount are worth, `_window` the days of the period. `_shock` is
    what deals share, `_shock_history` how strong it was, `_inflow` how unevenly deals came, by what
    `_excess` finds beyond chance; `_prospects` and `_arrivals` are deals open and to come,
    `_uniforms` and `_draws` what they draw, `_futures` what becomes of all; `_changes` is a changed
    process, `_simulating` joins it all.
`backtest`
    how wrong forecasts have been, and which method to trust: `_checks` puts what happened beside
    each forecast, `_scores` adds up, `_paired` tells a difference from chance.
`methods`, `questions`
    the methods that are compared; what they are asked, and what they answer.
`backtest_results`, `category_results`, `cash_results`, `stage_results`, `simulation_results`
    what these give; `_curves` is what curves share.

All of them: `_numbers` says which values are numbers, `_asking` asks a function of the caller's.

What learns from the past needs the extra ``forecast``, and says so when first used without
(`_extra`).
"""

from salesflow.forecast.backtest import backtest
from salesflow.forecast.backtest_results import (
    Backtest,
    Calibration,
    CalibrationBin,
    CheckedForecast,
    MethodScore,
    PairedTest,
)
from salesflow.forecast.cash import cash
from salesflow.forecast.cash_bands import Closing, cash_bands
from salesflow.forecast.cash_results import CashBand, CashBands, CashCurve, CashFlow, CashPayment
from salesflow.forecast.categories import rollup
from salesflow.forecast.category_results import CATEGORIES, Category, CategoryTotal, Rollup
from salesflow.forecast.incidence import CumulativeIncidence, cumulative_incidence
from salesflow.forecast.methods import Learned, Method
from salesflow.forecast.questions import Forecast, Part, Question, Target, Typical, Won
from salesflow.forecast.quotas import Quota, QuotaAttainment, quota_attainment
from salesflow.forecast.simulation import simulate
from salesflow.forecast.simulation_options import SimulationOptions
from salesflow.forecast.simulation_results import DealInfluence, Simulation, WhatIf
from salesflow.forecast.stage_model import StageModel
from salesflow.forecast.stage_results import ExpectedClose, StageChances, WinChance, WinCurve
from salesflow.forecast.terms import Due, Payment, PaymentTerms
from salesflow.forecast.terms_by import TermsBy
from salesflow.forecast.what_if import what_if

__all__ = [
    "CATEGORIES",
    "Backtest",
    "Calibration",
    "CalibrationBin",
    "CashBand",
    "CashBands",
    "CashCurve",
    "CashFlow",
    "CashPayment",
    "Category",
    "CategoryTotal",
    "CheckedForecast",
    "Closing",
    "CumulativeIncidence",
    "DealInfluence",
    "Due",
    "ExpectedClose",
    "Forecast",
    "Learned",
    "Method",
    "MethodScore",
    "PairedTest",
    "Part",
    "Payment",
    "PaymentTerms",
    "Question",
    "Quota",
    "QuotaAttainment",
    "Rollup",
    "Simulation",
    "SimulationOptions",
    "StageChances",
    "StageModel",
    "Target",
    "TermsBy",
    "Typical",
    "WhatIf",
    "WinChance",
    "WinCurve",
    "Won",
    "backtest",
    "cash",
    "cash_bands",
    "cumulative_incidence",
    "quota_attainment",
    "rollup",
    "simulate",
    "what_if",
]
