"""Runs the examples in README.md and docs/, each file from top to bottom in one namespace.

On several workers that needs ``--dist=loadfile``, which pyproject.toml sets. Docstrings in src/ are
run by pytest's own ``--doctest-modules``, each in a namespace of its own.
"""

from doctest import ELLIPSIS

from sybil import Sybil
from sybil.parsers.myst import PythonCodeBlockParser, SkipParser

# Both are Python files, neither is for running: settings for Sphinx, and cases for mypy.
collect_ignore_glob = ["docs/conf.py", "tests/typing/*"]

pytest_collect_file = Sybil(
    parsers=[PythonCodeBlockParser(doctest_optionflags=ELLIPSIS), SkipParser()],
    patterns=["README.md", "docs/*.md", "docs/*/*.md"],
).pytest()
