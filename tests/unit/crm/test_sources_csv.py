"""CSV as a table."""

import csv
import io

import pytest

from salesflow.crm import _csv
from salesflow.crm._sources import table_of
from salesflow.crm._table import FaultyRow
from salesflow.errors import OptionError, SourceError
from tests.sources import all_rows, as_file, rows_of


def table(text, **options):
    return table_of(as_file(text), **options)


def faulty(text, **options):
    found = [row for rows in table(text, **options).read() for row in rows]
    return [(row.fact, row.text) for row in found if isinstance(row, FaultyRow)]


def test_rows_are_the_texts_below_the_header():
    found = table("id,name\n1,Acme\n2,\n")
    assert found.columns == ("id", "name")
    assert all_rows(found) == [["1", "Acme"], ["2", ""]]
    assert found.notes == ()
    assert found.name == "<file>"


@pytest.mark.parametrize("mark", [",", ";", "\t", "|"])
def test_the_delimiter_is_found(mark):
    found = table(f"id{mark}name{mark}note\n1{mark}Acme{mark}x\n2{mark}Bolt{mark}y\n")
    assert all_rows(found) == [["1", "Acme", "x"], ["2", "Bolt", "y"]]


@pytest.mark.parametrize(
    ("mark", "note"),
    [
        (";", "its cells are separated by semicolons"),
        ("\t", "its cells are separated by tabs"),
        ("|", "its cells are separated by '|'"),
    ],
)
def test_a_delimiter_that_is_no_comma_is_told(mark, note):
    assert table(f"a{mark}b\n1{mark}2\n").notes == (note,)


def test_a_delimiter_given_is_not_told():
    assert table("a;b\n1;2\n", delimiter=";").notes == ()


def test_decimal_commas_do_not_hide_semicolons():
    assert rows_of("id;amount\n1;1,5\n2;2,5\n3;3,25\n") == [
        ["1", "1,5"],
        ["2", "2,5"],
        ["3", "3,25"],
    ]


def test_the_delimiter_that_cuts_more_cells_wins():
    assert rows_of("Name | Title,Amount,Stage\nA | B,1,won\n") == [["A | B", "1", "won"]]


def test_a_mark_in_one_header_is_no_delimiter():
    text = "id,name;short,amount\n1,Acme,2\n2,Bolt,3\n"
    assert rows_of(text) == [["1", "Acme", "2"], ["2", "Bolt", "3"]]


def test_the_mark_that_fits_most_rows_wins_where_none_fits_nearly_all():
    text = "a,b,c\n" + "1,2,3\n" * 4 + "1\n" * 3
    assert rows_of(text)[0] == ["1", "2", "3"]


def test_a_delimiter_given_wins():
    assert rows_of("a,b;c\n1,2;3\n", delimiter=";") == [["1,2", "3"]]
    assert rows_of("a~b\n1~2\n", delimiter="~") == [["1", "2"]]


def test_a_delimiter_given_makes_csv_of_what_looks_like_json():
    assert rows_of('["a",b]\n1,2\n', delimiter=",") == [["1", "2"]]


@pytest.mark.parametrize("mark", ["", ";;", '"', "\n", " ", "\0", 5, "\ufeff"])
def test_what_is_no_delimiter_is_refused(mark):
    with pytest.raises(OptionError, match="cannot read with the delimiter") as caught:
        table("a,b\n", delimiter=mark)
    assert caught.value.parameter == "delimiter"


@pytest.mark.parametrize("line", ["sep=;", '"sep=;"', "SEP=;"])
@pytest.mark.parametrize("end", ["\n", "\r\n"])
def test_the_line_of_excel_says_the_delimiter(line, end):
    text = end.join([line, "a,x;b", "1,5;2", ""])
    assert table(text).columns == ("a,x", "b")
    assert rows_of(text) == [["1,5", "2"]]


def test_the_line_of_excel_may_say_a_delimiter_of_its_own():
    found = table("sep=~\na~b\n1~2\n")
    assert all_rows(found) == [["1", "2"]]
    assert found.notes == ("its cells are separated by '~'",)


def test_the_line_of_excel_is_no_header_where_it_says_nonsense():
    assert rows_of('sep="\na,b\n1,2\n') == [["1", "2"]]


def test_the_line_of_excel_counts_as_a_line():
    with pytest.raises(SourceError) as caught:
        rows_of('sep=;\na;b\n1;2\n"3;4\n')
    assert caught.value.line == 4


def test_the_line_of_excel_alone_is_an_empty_file():
    with pytest.raises(SourceError, match="it is empty"):
        table("sep=;")


@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
def test_any_line_end_is_one(end):
    text = end.join(["id,name", "1,Acme", '2,"Bolt', 'AG"', "", "3,Cato"])
    expected = [["1", "Acme"], ["2", f"Bolt{end}AG"], ["3", "Cato"]]
    assert rows_of(text) == expected
    assert rows_of(text + end) == expected


def test_line_ends_may_be_mixed():
    assert rows_of("a,b\r\n1,2\r3,4\n5,6\r\n") == [["1", "2"], ["3", "4"], ["5", "6"]]


def test_a_lone_cr_in_quotes_is_kept():
    assert rows_of('a,b\r\n"x\ry",2\r\n') == [["x\ry", "2"]]


def test_separators_of_unicode_end_no_line():
    assert rows_of("a,b\nx\u2028y,\x0bz\x85\n") == [["x\u2028y", "\x0bz\x85"]]


def test_quotes_hold_delimiters_and_quotes():
    text = 'id,"name","a,b"\n"1","Acme, ""the"" firm",5" pipe\n'
    assert table(text).columns == ("id", "name", "a,b")
    assert rows_of(text) == [["1", 'Acme, "the" firm', '5" pipe']]


def test_a_blank_before_a_quote_is_no_part_of_the_cell():
    assert rows_of('"id", "name"\n"1", "Acme, Inc"\n') == [["1", "Acme, Inc"]]


def test_blank_lines_are_no_rows():
    text = "\n  \nid,name\n\n1,Acme\n   \n\n2,Bolt\n\n"
    assert rows_of(text) == [["1", "Acme"], ["2", "Bolt"]]


def test_a_row_of_empty_cells_is_a_row():
    assert rows_of('id,name\n,\n""\n') == [["", ""], ["", None]]


def test_blank_lines_of_one_column_are_no_rows():
    assert rows_of('id\n1\n \n\n""\n2\n') == [["1"], [""], ["2"]]


def test_a_short_row_is_filled():
    assert rows_of("a,b,c\n1\n1,2\n1,2,3\n") == [
        ["1", None, None],
        ["1", "2", None],
        ["1", "2", "3"],
    ]


def test_a_long_row_is_faulty_and_shows_all_its_cells():
    text = 'a,b\n1,2\n3,4,"5,5"\n6,7\n'
    assert rows_of(text) == [["1", "2"], ["3", "4"], ["6", "7"]]
    assert faulty(text) == [("it has 3 cells, and the header 2", '3,4,"5,5"')]


def test_cells_beyond_the_header_may_be_empty():
    text = "a,b\n1,2,\n3,4,,\n"
    assert rows_of(text) == [["1", "2"], ["3", "4"]]
    assert faulty(text) == []


def test_a_row_whose_quotes_do_not_match_is_faulty_and_the_next_is_read():
    text = 'a,b\n1,"x"\n2,"Acme "Big" Corp"\n3,y\n'
    assert rows_of(text) == [["1", "x"], [None, None], ["3", "y"]]
    fact = "a quote ends before a cell does: inside quotes, a quote is written twice."
    assert faulty(text) == [(fact, '2,"Acme "Big" Corp"')]


def test_the_text_of_such_a_row_has_all_its_lines():
    text = 'a,b\r\n"1\r\n1",x\r\n"2\r\nfirst","se"cond"\r\n3,y\r\n'
    assert [text for _, text in faulty(text)] == ['"2\r\nfirst","se"cond"']
    assert rows_of(text)[2] == ["3", "y"]


def test_a_header_whose_quotes_do_not_match_is_refused():
    with pytest.raises(SourceError, match="at line 2: a quote ends before a cell does"):
        table('\n"a"b,c\n')


@pytest.mark.parametrize(("text", "line"), [('a,b\n1,2\n"3,4\n5,6\n', 3), ('a\n"1\n1"\n\n"2\n', 5)])
def test_a_quote_that_is_never_closed_is_an_error_with_its_line(text, line):
    with pytest.raises(SourceError, match="a quote is opened there, and never closed") as caught:
        rows_of(text)
    assert caught.value.line == line


def test_a_cell_longer_than_python_reads_is_an_error_with_its_line():
    rest = "x" * csv.field_size_limit()
    with pytest.raises(SourceError, match="at line 3: a cell is longer than 131,072") as caught:
        rows_of(f'a,b\n1,2\n"{rest}y",4\n')
    assert "csv.field_size_limit()" in str(caught.value.hint)


def test_the_limit_of_cells_is_that_of_the_caller():
    limit = csv.field_size_limit(10)
    try:
        with pytest.raises(SourceError, match="at line 2: a cell is longer than 10 characters"):
            rows_of("a,b\n" + "x" * 11 + ",2\n")
    finally:
        csv.field_size_limit(limit)


def test_the_longest_cell_that_python_reads_is_read():
    long = "x" * csv.field_size_limit()
    assert rows_of(f"a,b\n{long},2\n") == [[long, "2"]]


def test_a_header_longer_than_python_reads_is_refused():
    with pytest.raises(SourceError, match="at line 1: a cell is longer"):
        table("x" * (csv.field_size_limit() + 1))


def test_names_that_are_twice_there_are_told_apart():
    found = table("Amount,Amount,Amount (2),Amount\n1,2,3,4\n")
    assert found.columns == ("Amount", "Amount (3)", "Amount (2)", "Amount (4)")
    assert found.notes == ("columns whose name was taken are called 'Amount (3)', 'Amount (4)'",)


def test_columns_without_a_name_get_one():
    found = table("id,, ,column 2\n1,2,3,4\n")
    assert found.columns == ("id", "column 2", "column 3", "column 2 (2)")
    assert found.notes == (
        "columns without a name are called 'column 2', 'column 3'",
        "columns whose name was taken are called 'column 2 (2)'",
    )


def test_of_many_names_a_few_are_told():
    assert table("," * 7 + "\n").notes == (
        (
            "columns without a name are called 'column 1', 'column 2', 'column 3', 'column 4', "
            "'column 5' and 3 more"
        ),
    )


def test_a_header_alone_is_a_table_without_rows():
    assert table("id,name").columns == ("id", "name")
    assert rows_of("id,name") == []


@pytest.mark.parametrize("text", ["", "\n", " \r\n\r\n", "\ufeff"])
def test_an_empty_file_is_refused(text):
    with pytest.raises(SourceError, match="cannot read <file>: it is empty"):
        table(text)


def test_a_row_as_its_text():
    found = table('a;b\n"x;""y""";\n1\n')
    texts = [found.text_of(row) for rows in found.read() for row in rows]
    assert texts == ['"x;""y""";', "1;"]


def test_a_faulty_row_as_its_text():
    found = table("a;b\n1;2;3\n")
    assert [found.text_of(row) for rows in found.read() for row in rows] == ["1;2;3"]


def test_rows_come_some_at_a_time_and_all_of_them():
    text = "id,name\n" + "".join(f"{n},Firm {n}\n" for n in range(2_001))
    chunks = [*table(text).read()]
    assert [len(rows) for rows in chunks] == [500, 500, 500, 500, 1]
    assert [row for rows in chunks for row in rows] == [[str(n), f"Firm {n}"] for n in range(2_001)]


def test_long_rows_come_fewer_at_a_time():
    text = "id,note\n" + "".join(f"{n},{'x' * 100_000}\n" for n in range(30))
    sizes = [len(rows) for rows in table(text).read()]
    assert sum(sizes) == 30
    # A chunk ends with the first row after 524,288 characters, a block of 65,536 too late at most.
    assert max(sizes) <= 7


@pytest.mark.parametrize("size", [1, 2, 3, 5, 8])
def test_rows_do_not_depend_on_the_blocks_that_they_are_read_in(monkeypatch, size):
    text = 'id,"name"\r\n1,"Acme\r\nInc"\r\n2,"x"y"\r\n\r\n3,z,\r\n4,a,b\r\n5'
    whole = [[*row] for rows in table(text).read() for row in rows], faulty(text)
    monkeypatch.setattr("salesflow.crm._files.BLOCK", size)
    assert ([[*row] for rows in table(text).read() for row in rows], faulty(text)) == whole


def test_what_is_cut_in_the_sample_does_not_mislead(monkeypatch):
    # The sample ends within the quotes of the second row.
    monkeypatch.setattr("salesflow.crm._text_files.BLOCK", 20)
    monkeypatch.setattr("salesflow.crm._files.BLOCK", 20)
    assert rows_of('id,note\n1,x\n2,"a;b;c;d\ne;f;g"\n') == [["1", "x"], ["2", "a;b;c;d\ne;f;g"]]


def test_a_header_that_changes_between_two_passes_is_an_error(tmp_path):
    path = tmp_path / "deals.csv"
    path.write_text("id,name\n1,Acme\n")
    found = table_of(path)
    path.write_text("name,id\n1,Acme\n")
    with pytest.raises(
        SourceError, match=r"cannot read 'deals\.csv': it changed while it was read"
    ):
        [*found.read()]


def test_the_dialect_of_one_column_is_the_comma():
    assert _csv.dialect_of("id\n1\n", is_whole=True, delimiter=None).delimiter == ","


def test_a_text_file_gives_its_text():
    assert all_rows(table_of(io.StringIO("a,b\r\n1,é\r\n"))) == [["1", "é"]]
