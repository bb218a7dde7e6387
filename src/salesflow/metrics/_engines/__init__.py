"""What the libraries of frames do differently, one module each.

A module reads the columns of a call off a native frame into few physical types (`prepare`), finds
the two values in the middle of each group (`middles`), and fetches rows as Python values (`fetch`).
Everything between is the same for all, in `_frames.py`.

`columns`
    `Raw`: one column to read, and into what.
`polars`, `pandas`, `pyarrow`, `duckdb`, `pyspark`
    the libraries. Each is imported by the frame that came from it, never by us.
`_sql`
    what DuckDB and Spark share.
"""
