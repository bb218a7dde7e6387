"""Settings for Sphinx. The build reads nothing from the network."""

from __future__ import annotations

from importlib.metadata import version as installed_version
from typing import TYPE_CHECKING

from pygments.lexers.special import TextLexer

if TYPE_CHECKING:
    from sphinx.application import Sphinx

project = "salesflow"
author = "The salesflow authors"
copyright = author
version = release = installed_version("salesflow")

extensions = ["myst_parser", "sphinx.ext.autodoc", "sphinx.ext.napoleon"]
exclude_patterns = ["_build"]
root_doc = "index"

myst_enable_extensions = ["colon_fence", "deflist"]
myst_heading_anchors = 3

# A name in single backticks links to what it names, where these pages have it.
default_role = "py:obj"
autodoc_member_order = "bysource"
autodoc_typehints_format = "short"
napoleon_google_docstring = True
napoleon_numpy_docstring = False
# The attributes that a docstring describes are fields too: they are described once.
napoleon_use_ivar = True

html_theme = "furo"
html_title = f"salesflow {release}"


def setup(app: Sphinx) -> None:
    """Show Mermaid diagrams as text: GitHub and others draw them, and the build needs no plugin."""
    app.add_lexer("mermaid", TextLexer)
