"""narwhals, imported in this module and in no other: what reads a frame of any library.

It is loaded at the first frame, and brings no frame library along.
"""

import narwhals.stable.v2 as nw

__all__ = ["nw"]
