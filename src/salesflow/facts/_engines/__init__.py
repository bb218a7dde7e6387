"""What the libraries of frames do differently, one module each.

A module reads the columns of a call off a native frame into few physical types (`prepare`), shares
the rows that all parts of a query are of (`share`), and answers: either all parts at once
(`gather`), or by the values in the middle of each group (`middles`) and rows as Python has them
(`fetch`). Everything between is the same for all.

What one library does better or cannot do, its module says by a name that others lack: `cells`
(counts and sums by group), `risk_sets` (counted there), `ADDS_FLOATS`, `LARGEST_MIDDLE` (from where
on middles are found the slow way), `LARGEST_EXACT` (from where on they are refused),
`FETCHES_PARTS` (one by one), `unmask` (floats as the user's own columns hold them).

`columns`
    `Raw`: one column to read, and into what.
`polars`, `pandas`, `pyarrow`, `duckdb`, `pyspark`
    the libraries. Each is imported by the frame that came from it, never by us.
`asked`
    `Asked`: what one part of a query asks of an engine.
`_sql`
    what DuckDB and Spark share.
"""
