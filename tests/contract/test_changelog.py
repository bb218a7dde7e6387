"""The version is one thing, wherever it is written."""

import re
from importlib.metadata import version
from pathlib import Path

import salesflow

CHANGELOG = Path(__file__).parents[2] / "CHANGELOG.md"


def test_the_package_says_the_version_it_was_installed_with():
    assert salesflow.__version__ == version("salesflow")


def test_the_changelog_begins_with_the_version():
    text = CHANGELOG.read_text(encoding="utf-8")
    released = re.findall(r"^## \[?(\d+\.\d+\.\d+\S*?)\]?(?:\s|$)", text, re.MULTILINE)
    assert released[0] == salesflow.__version__
