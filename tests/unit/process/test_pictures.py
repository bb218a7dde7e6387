"""A definition as a table, of Markdown and of HTML, which no text of a user's can break."""

from html.parser import HTMLParser

import attrs
import pytest
from hypothesis import given, settings
from markdown_it import MarkdownIt

from salesflow import Pipeline, Playbook, Stage, TaskTemplate
from tests.plays import PLAYED
from tests.strategies import pipelines

ENDS = (Stage("won", kind="won"), Stage("lost", kind="lost"))
ODD = r"""a|b \ `c` *d* _e_ f_g [h](i) <b>j</b> &amp; ~~k~~ $l$ #m ![n] "o" 'p'"""


class Cells(HTMLParser):
    """The texts of the cells, by row; any tag that is not of a table is an error."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.rows: list[list[str]] = []
        self.open = ""
        self.feed(html)

    def handle_starttag(self, tag, attrs):
        assert tag in ("table", "caption", "thead", "tbody", "tr", "th", "td"), tag
        assert attrs in ([], [("style", "text-align:left")])
        self.open = tag
        if tag == "tr":
            self.rows.append([])
        if tag in ("th", "td"):
            self.rows[-1].append("")

    def handle_endtag(self, *_):
        self.open = ""

    def handle_data(self, data):
        if self.open in ("th", "td"):
            self.rows[-1][-1] += data


def rendered(markdown: str) -> list[list[str]]:
    """The cells that a reader of Markdown sees."""
    reader = MarkdownIt("commonmark", {"html": False}).enable(["table", "strikethrough"])
    return [[cell.strip() for cell in row] for row in Cells(reader.render(markdown)).rows]


def shown(pipeline: Pipeline) -> list[list[str]]:
    """The cells that a notebook shows, in which runs of blanks are one."""
    return [[cell.strip() for cell in row] for row in Cells(pipeline._repr_html_()).rows]


def test_a_small_one():
    assert PLAYED.to_markdown() == (
        "| stage | label | kind | playbook | moves |\n"
        "| --- | --- | --- | --- | --- |\n"
        "| talk | Talk | open | We know what they need: Call them (within 2 days, done by call); "
        "Write it down | move to offer; lose to lost |\n"
        "| offer | Offer | open | Show it (within 3 days, done by demo) "
        "| move to talk; win to won, kept; lose to lost |\n"
        "| won | Won | won | — | move to kept |\n"
        "| kept | Kept | won | They stay: Say thanks (within 1 day, done by email); "
        "Ask how it goes (within 30 days, done by call) | move to won |\n"
        "| lost | Lost | lost | — | reopen to talk, offer |\n"
    )


def test_a_notebook_shows_the_same():
    assert PLAYED._repr_markdown_() == PLAYED.to_markdown()
    assert shown(PLAYED) == rendered(PLAYED.to_markdown())
    assert "<caption>small, version 1</caption>" in PLAYED._repr_html_()


def test_what_no_stage_says_has_no_column():
    assert shown(Pipeline("p", ["a", *ENDS]))[0] == ["stage", "label", "kind", "moves"]


def test_probabilities_and_retired_stages():
    stages = [Stage("old", retired=True, probability=0.999999), Stage("a", probability=0.3), *ENDS]
    rows = shown(Pipeline("p", stages))
    assert [row[2:4] for row in rows] == [
        ["kind", "probability"],
        ["open, retired", "99.9999%"],
        ["open", "30%"],
        ["won", "—"],
        ["lost", "—"],
    ]


class Signed:
    """One that says nothing of itself."""

    def unmet(self, *_):
        return None


class Told(Signed):
    def __str__(self):
        return "a signature"


@attrs.frozen
class Shown:
    who: str

    def unmet(self, *_):
        return None


def test_requirements_in_their_own_words():
    stage = Stage("a", requires=[Signed(), Told(), Shown("kim")])
    rows = shown(Pipeline("p", [stage, *ENDS]))
    assert rows[1][3] == "Signed; a signature; Shown(who='kim')"


@pytest.mark.parametrize(
    "text", [ODD, "two\nlines\r\n\tand a tab", "<script>x</script>", "\u202eab"]
)
def test_texts_stay_as_they_are_and_in_their_cells(text):
    play = Playbook(text, tasks=[TaskTemplate(text, key="k")])
    pipeline = Pipeline("p", [Stage("a", label=text, playbook=play), *ENDS])
    plain = " ".join("".join(c if c.isprintable() else " " for c in text).split())
    for rows in (shown(pipeline), rendered(pipeline.to_markdown())):
        row = [" ".join(cell.split()) for cell in rows[1]]
        assert row[1] == plain
        assert row[3] == f"{plain}: {plain}"


@settings(max_examples=60)
@given(pipelines())
def test_any_definition_is_one_row_a_stage_and_alike_in_both(pipeline):
    rows, marked = shown(pipeline), rendered(pipeline.to_markdown())
    assert len(rows) == len(marked) == 1 + len(pipeline.stages)
    assert {len(row) for row in rows} == {len(rows[0])}
    assert [[" ".join(cell.split()) for cell in row] for row in marked] == [
        [" ".join(cell.split()) for cell in row] for row in rows
    ]
