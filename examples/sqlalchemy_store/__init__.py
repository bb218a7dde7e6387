"""For a developer whose deals are rows: a store in SQLAlchemy that loses no move. Copy the folder.

- ``tables``: a row says what a deal is now; its events have a row each.
- ``store``: ``load``, ``save`` over the version that was read, or not at all, and ``change``.

``python -m examples.sqlalchemy_store`` tells a story of two writers, in SQLite. The URL of another
database may follow, such as ``postgresql+psycopg://me@localhost/test``.
"""

from .store import StaleDealError, change, load, save
from .tables import Base, DealRow, EventRow

__all__ = ["Base", "DealRow", "EventRow", "StaleDealError", "change", "load", "save"]
