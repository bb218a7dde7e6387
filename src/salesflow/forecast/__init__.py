"""What will happen: what is expected of a period, and what comes in as cash.

`categories`
    what a period is expected to bring, by forecast category.
`quotas`
    what is to be won, and what that still takes.
`terms`, `terms_by`
    when the amount of a deal is paid, and which deals are paid when.
`cash`, `cash_bands`
    when money is due, as a curve, and as ranges over simulated futures.
`category_results`, `cash_results`
    what these give.
"""

from salesflow.forecast.cash import cash
from salesflow.forecast.cash_bands import Closing, cash_bands
from salesflow.forecast.cash_results import CashBand, CashBands, CashCurve, CashFlow, CashPayment
from salesflow.forecast.categories import rollup
from salesflow.forecast.category_results import CATEGORIES, Category, CategoryTotal, Rollup
from salesflow.forecast.quotas import Quota, QuotaAttainment, quota_attainment
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
    "Due",
    "Payment",
    "PaymentTerms",
    "Quota",
    "QuotaAttainment",
    "Rollup",
    "TermsBy",
    "cash",
    "cash_bands",
    "quota_attainment",
    "rollup",
]
