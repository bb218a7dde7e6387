"""How much of a source is held at once, and what is too much for one record.

A record of a CRM has at most about a thousand cells of at most 131,072 characters. What goes far
beyond is no export, or one quote that is never closed: it ends in an error, not in gigabytes.
"""

BLOCK = 65_536
"""How much of a file is read at once. [bytes, or characters of a file opened as text]"""

MAX_RECORD = 4 * 1_048_576
"""The longest record: a line of CSV with its quoted line ends, an item of JSON. [characters]"""

MAX_VALUES = 250_000
"""The most values that one record may hold, nested ones included. [count]"""

MAX_COLUMNS = 5_000
"""The most columns; each level of nested ones counts too. [count]"""

MAX_DEPTH = 100
"""How deep values may be nested. [levels]"""

MAX_EXPONENT = 400
"""The power of ten of the largest number kept as one; a float has 308, and money fewer."""

CHUNK_ROWS = 500
"""How many rows are given at once: few enough to stay in the processor's cache. [count]"""

CHUNK_CHARS = 524_288
"""How much text is given at once, where cells are long. [characters]"""

MAX_HELD = 256 * 1_048_576
"""How much of a file is held from the first look to the last; a longer one is parsed twice. [bytes]

Its rows are given up while they become records, each of which takes more: so the most that is held
at any time is what the records take, or this.
"""
