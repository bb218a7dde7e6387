"""The tables: one row for each deal, and one for each of its events."""

from decimal import Decimal
from typing import Any

from sqlalchemy import JSON, Dialect, ForeignKey, Numeric, String, TypeDecorator
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column
from sqlalchemy.types import TypeEngine

import salesflow as sf


class Base(DeclarativeBase):
    """All tables of the app; add yours."""


class Exact(TypeDecorator[Decimal]):
    """A decimal number, exact: NUMERIC, but text in SQLite, which would make it a float."""

    impl = Numeric
    cache_ok = True

    def load_dialect_impl(self, dialect: Dialect) -> TypeEngine[Any]:
        """The type of the column in this database."""
        kind = String() if dialect.name == "sqlite" else Numeric()
        return dialect.type_descriptor(kind)

    def process_bind_param(self, value: Decimal | None, dialect: Dialect) -> Any:
        """What is stored."""
        return str(value) if value is not None and dialect.name == "sqlite" else value

    def process_result_value(self, value: Any, dialect: Dialect) -> Decimal | None:
        """What is read."""
        del dialect
        return None if value is None else Decimal(value)


class DealRow(Base):
    """What a deal is now: columns to search by, and in ``fields`` all that its history adds up to.

    Written by ``save`` alone. A foreign key of yours may point to it.
    """

    __tablename__ = "deals"
    id: Mapped[str] = mapped_column(primary_key=True)
    name: Mapped[str | None]
    stage: Mapped[str | None]
    outcome: Mapped[str]
    amount: Mapped[Decimal | None] = mapped_column(Exact)
    currency: Mapped[str | None]
    owner_id: Mapped[str | None]
    version: Mapped[int]
    fields: Mapped[dict[str, Any]] = mapped_column(JSON)


class EventRow(Base):
    """The n-th event of a deal: added once, never changed. The key admits no second one."""

    __tablename__ = "events"
    deal_id: Mapped[str] = mapped_column(ForeignKey(DealRow.id), primary_key=True)
    n: Mapped[int] = mapped_column(primary_key=True)
    event: Mapped[dict[str, Any]] = mapped_column(JSON)


def columns_of(deal: sf.Deal) -> dict[str, Any]:
    """The row of a deal."""
    return {
        **{name: getattr(deal, name) for name in ("id", "name", "stage", "outcome", "owner_id")},
        "amount": None if deal.amount is None else deal.amount.amount,
        "currency": None if deal.amount is None else deal.amount.currency,
        "version": deal.version,
        "fields": deal.model_dump(mode="json", exclude={"history"}),
    }
