"""What will happen: expected from what is there, or learned from how deals went before.

`categories`
    what a period is expected to bring, by forecast category; `_category_needs` has what that takes.
`quotas`
    what is to be won, and what that still takes.
`terms`, `terms_by`
    when the amount of a deal is paid, and which deals are paid when.
`cash`, `cash_bands`
    when money is due, as a curve, and as ranges over simulated futures: `_schedules` parts an
    amount, `_cash_spans` and `_days` say which period a payment is in.
`stage_model`
    `StageModel`: how often, and how fast, deals are won from where they are. `_visits` reads the
    visits of each of the `_segments`; `_stages` and `_risks` have them as arrays; `_fates` and
    `_chain` make curves of them, `_outlooks` those of deals; `_model_file` is the model as JSON.
`incidence`
    how many have ended by each time, by cause, if some still last.
`category_results`, `cash_results`, `stage_results`
    what these give; `_curves` is what curves share.

What learns from the past needs the extra ``forecast``, and says so when first used without
(`_extra`).
"""

from salesflow.forecast.cash import cash
from salesflow.forecast.cash_bands import Closing, cash_bands
from salesflow.forecast.cash_results import CashBand, CashBands, CashCurve, CashFlow, CashPayment
from salesflow.forecast.categories import rollup
from salesflow.forecast.category_results import CATEGORIES, Category, CategoryTotal, Rollup
from salesflow.forecast.incidence import CumulativeIncidence, cumulative_incidence
from salesflow.forecast.quotas import Quota, QuotaAttainment, quota_attainment
from salesflow.forecast.stage_model import StageModel
from salesflow.forecast.stage_results import ExpectedClose, StageChances, WinChance, WinCurve
from salesflow.forecast.terms import Due, Payment, PaymentTerms
from salesflow.forecast.terms_by import TermsBy

__all__ = [
    "CATEGORIES",
    "CashBand",
    "CashBands",
    "CashCurve",
    "CashFlow",
    "CashPayment",
    "Category",
    "CategoryTotal",
    "Closing",
    "CumulativeIncidence",
    "Due",
    "ExpectedClose",
    "Payment",
    "PaymentTerms",
    "Quota",
    "QuotaAttainment",
    "Rollup",
    "StageChances",
    "StageModel",
    "TermsBy",
    "WinChance",
    "WinCurve",
    "cash",
    "cash_bands",
    "cumulative_incidence",
    "quota_attainment",
    "rollup",
]
