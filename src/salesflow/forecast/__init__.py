"""What will happen: what is expected of a period.

`categories`
    what a period is expected to bring, by forecast category.
`quotas`
    what is to be won, and what that still takes.
`category_results`
    what these give.
"""

from salesflow.forecast.categories import rollup
from salesflow.forecast.category_results import CATEGORIES, Category, CategoryTotal, Rollup
from salesflow.forecast.quotas import Attainment, Quota, attainment

__all__ = [
    "CATEGORIES",
    "Attainment",
    "Category",
    "CategoryTotal",
    "Quota",
    "Rollup",
    "attainment",
    "rollup",
]
