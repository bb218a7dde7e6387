"""JSON as a table: lists, answers of APIs, and items line by line."""

import io
import json
import sys
from decimal import Decimal

import pytest

from salesflow.crm._sources import table_of
from salesflow.crm._table import FaultyRow
from salesflow.errors import SourceError
from tests.sources import all_rows, as_file, rows_of


def table(value):
    return table_of(as_file(value if isinstance(value, str) else json.dumps(value)))


HUBSPOT = {
    "results": [
        {"id": "7", "properties": {"amount": "3000", "closedate": None}, "archived": False},
        {"id": "8", "properties": {"amount": None, "closedate": None}, "archived": True},
    ],
    "paging": {"next": {"after": "8"}},
}
COLUMNS = ("id", "properties.amount", "properties.closedate", "archived")
ROWS = [["7", "3000", None, False], ["8", None, None, True]]


def test_a_list_of_objects():
    found = table('[{"id": 1, "name": "Acme"}, {"name": "Bolt", "size": 2}]')
    assert found.columns == ("id", "name", "size")
    assert all_rows(found) == [[1, "Acme", None], [None, "Bolt", 2]]
    assert found.notes == ()


def test_an_answer_that_wraps_them():
    found = table(HUBSPOT)
    assert found.columns == COLUMNS
    assert all_rows(found) == ROWS


@pytest.mark.parametrize("key", ["results", "data", "records", "items", "value", "deals", "Data"])
def test_the_keys_that_wrap(key):
    assert all_rows(table({"success": True, key: [{"id": 1}], "more": {"x": [1]}})) == [[1]]


def test_a_list_that_is_wrapped_twice():
    assert all_rows(table({"mock": HUBSPOT})) == ROWS
    assert table({"d": {"results": [{"a": 1}], "x": 1}}).columns == ("a",)


def test_the_outermost_list_is_the_one():
    value = {"meta": {"items": [{"no": 1}]}, "data": [{"yes": 1}], "related": {"data": [{"n": 1}]}}
    assert table(value).columns == ("yes",)


def test_what_has_an_id_wraps_nothing():
    value = {"id": "7", "associations": {"companies": {"results": [{"to": 1}]}}}
    found = table(value)
    assert found.columns == ("id", "associations.companies.results")
    assert all_rows(found) == [["7", [{"to": 1}]]]


def test_the_id_of_a_call_is_no_id_of_a_record():
    value = {"jsonrpc": "2.0", "id": 3, "result": [{"id": 4, "stage_id": [4, "Won"]}]}
    assert all_rows(table(value)) == [[4, [4, "Won"]]]


def test_an_object_that_wraps_nothing_is_the_one_item():
    found = table({"success": True, "answer": {"id": 1, "tags": []}})
    assert found.columns == ("success", "answer.id", "answer.tags")
    assert all_rows(found) == [[True, 1, []]]


@pytest.mark.parametrize("text", ["[]", '{"data": []}', " [ ] ", '{"data": [ ], "x": 1}'])
def test_no_items(text):
    found = table(text)
    assert found.columns == ()
    assert all_rows(found) == []


def test_an_empty_object_is_an_item_without_columns():
    assert table("{}").columns == ()
    assert all_rows(table("{}")) == [[]]
    assert all_rows(table('[{"a": 1}, {}, { }]')) == [[1], [None], [None]]


@pytest.mark.parametrize("between", ["\n", "\r\n", "\n\n", " ", ""])
def test_items_line_by_line(between):
    text = between.join(json.dumps(item) for item in HUBSPOT["results"])
    assert table(text).columns == COLUMNS
    assert all_rows(table(text)) == ROWS
    assert all_rows(table(text + "\n")) == ROWS


def test_lines_that_list_something_wrap_nothing():
    text = '{"deal": 1, "items": [{"sku": 2}]}\n{"deal": 2, "items": []}\n'
    assert all_rows(table(text)) == [[1, [{"sku": 2}]], [2, []]]


def test_a_line_that_is_no_object_is_a_faulty_row():
    found = [row for rows in table('{"a": 1}\nnull\n[2]\n').read() for row in rows]
    assert [row.fact for row in found[1:]] == [
        "it is no object but null",
        "it is no object but [2]",
    ]


def test_changes_that_hold_the_record():
    value = {
        "success": True,
        "data": [
            {"item": "deal", "id": 5, "data": {"id": 5, "title": "Acme", "org_id": {"name": "A"}}},
            {"item": "deal", "id": 6, "data": None},
            {"item": "deal", "id": 7, "data": {"id": 7, "title": None, "org_id": None}},
        ],
    }
    found = table(value)
    # Neither `data` nor `data.org_id` is a column: where it is no object, it is null.
    assert found.columns == ("item", "id", "data.id", "data.title", "data.org_id.name")
    assert all_rows(found) == [
        ["deal", 5, 5, "Acme", "A"],
        ["deal", 6, None, None, None],
        ["deal", 7, 7, None, None],
    ]


def test_nested_values():
    value = [
        {
            "amount": {"value": "12"},
            "stage_id": [4, "Won"],
            "history": [{"value": "new", "at": 1}],
            "Owner": {"name": "Kim", "profile": {"role": None}},
        }
    ]
    found = table(value)
    assert found.columns == (
        *("amount.value", "stage_id", "history"),
        *("Owner.name", "Owner.profile.role"),
    )
    expected = ["12", [4, "Won"], [{"value": "new", "at": 1}], "Kim", None]
    assert all_rows(found) == [expected]


def test_what_is_once_nested_and_once_not_has_columns_of_both():
    found = table([{"owner": "Kim"}, {"owner": {"id": 1}}, {"owner": {}}, {"owner": None}])
    assert found.columns == ("owner", "owner.id")
    assert all_rows(found) == [["Kim", None], [None, 1], [{}, None], [None, None]]


def test_an_empty_object_beside_a_nested_one_is_no_column():
    found = table([{"owner": {}}, {"owner": {"id": 1}}])
    assert found.columns == ("owner.id",)
    assert all_rows(found) == [[None], [1]]


def test_keys_with_dots_do_not_collide():
    found = table([{"a": {"b": 1}, "a.b": 2}])
    assert found.columns == ("a.b", "a.b (2)")
    assert all_rows(found) == [[1, 2]]
    assert found.notes == ("columns whose name was taken are called 'a.b (2)'",)


def test_numbers_are_exact(hostile_context):  # noqa: ARG001 - it is in force
    text = (
        '[{"a": 1.10, "b": 12345678901234567890123, "c": -0, "d": 1E2, "e": 0.1234567890123456789}]'
    )
    [[a, b, c, d, e]] = all_rows(table(text))
    assert (str(a), b, c, str(d), str(e)) == (
        *("1.10", 12345678901234567890123, 0),
        *("1E+2", "0.1234567890123456789"),
    )
    assert (type(a), type(b)) == (Decimal, int)


def test_a_number_beyond_all_use_is_a_text():
    [[a, b, c]] = rows_of('[{"a": 1e400, "b": 1e401, "c": 1E-999999}]')
    assert (a, b, c) == (Decimal("1e400"), "1E+401", "1E-999999")


@pytest.mark.parametrize("number", ["9" * 5_000, "1e9999999999999999999", "1e-9999999999999999999"])
def test_a_number_beyond_all_limits_is_an_error(number):
    with pytest.raises(SourceError, match=r"at item 2: .* a number has too many digits"):
        table(f'[{{"a": 1}}, {{"a": {number}}}]')


@pytest.mark.parametrize("word", ["NaN", "Infinity", "-Infinity"])
def test_words_of_python_are_no_numbers(word):
    with pytest.raises(SourceError, match=f"it is no valid JSON: {word} is no number"):
        table(f'[{{"a": {word}}}]')


@pytest.mark.parametrize("item", ["null", "5", '"x"', "[1, 2]", "true"])
def test_an_item_that_is_no_object_is_a_faulty_row(item):
    found = table(f'[{{"id": 1}}, {item}]')
    row = [row for rows in found.read() for row in rows][1]
    assert isinstance(row, FaultyRow)
    assert (row.fact, row.text) == (f"it is no object but {item}", item)
    assert row == [None]
    assert found.text_of(row) == item


def test_a_long_item_that_is_no_object_is_cut_in_the_fact_alone():
    [[row]] = table(["x" * 80]).read()
    assert row.fact == f'it is no object but "{"x" * 59}…'
    assert row.text == f'"{"x" * 80}"'


def test_a_row_as_its_text():
    found = table('[{"a": {"b": 1.10, "é": null}, "c": [2.5, 1e400], "d": "é"}]')
    [[row]] = found.read()
    assert found.text_of(row) == '{"a.b": 1.1, "c": [2.5, "1E+400"], "d": "é"}'


@pytest.mark.parametrize(
    ("text", "item", "what"),
    [
        ('[{"a": 1}, {"a"', 2, "it ends within a value"),
        ('[{"a": 1}, {"a": "x', 2, "it ends within a value"),
        ('[{"a": 1}', 1, "it ends before ',' or ']'"),
        ('[{"a": 1},', 2, "it ends within a value"),
        ("[", 1, "it ends within a value"),
        ("{", None, "it ends within a value"),
        ('{"data": [{"a": 1}', None, "it ends within a value"),
        ('[{"a": 1} {"a": 2}]', 1, "'{', not ',' or ']', comes next"),
        ('[{"a": 1}] x', 1, "more follows after its end"),
        ('[{"a": 1}]\n[{"a": 2}]', 1, "more follows after its end"),
        ("[{'a': 1}]", 1, "Expecting property name"),
        ('{"a": 1}\n{"a" 2}\n{"a": 3}\n{"a": 4}', 2, "Expecting ':' delimiter"),
        ('["\x01", "a long text after it"]', 1, "Invalid control character"),
        ('["\\x", "a long text after it"]', 1, "Invalid \\\\escape"),
    ],
)
def test_what_is_no_json_is_an_error_with_its_item(text, item, what):
    with pytest.raises(SourceError, match="it is no valid JSON: ") as caught:
        table(text)
    assert caught.value.message.partition("it is no valid JSON: ")[2].startswith(
        what.replace("\\\\", "\\")
    )
    assert caught.value.line == item
    assert "cut off" in str(caught.value.hint)


@pytest.mark.parametrize(
    "text",
    [
        *("[1]", "[-1.5e3,2]", "[ null ]", "[true,{}]", "[false", '["a"]', "[[1]]", "[1"),
        *('  \n{"a":1}', '{ "a":1}', "{}"),
    ],
)
def test_what_is_json_by_its_beginning(text):
    kinds = []
    try:
        kinds += [row.text for rows in table(text).read() for row in rows if hasattr(row, "text")]
    except SourceError as error:
        assert "JSON" in str(error)  # noqa: PT017 - either is fine, if it is of JSON
    assert all(json.loads(kind) is not Ellipsis for kind in kinds)


@pytest.mark.parametrize(
    ("text", "columns"),
    [
        ("[Deal ID],Amount\n1,2\n", ("[Deal ID]", "Amount")),
        ("{id},name\n1,2\n", ("{id}", "name")),
        ("[1] id,name\n1,2\n", ("[1] id", "name")),
        ("nullable,name\n1,2\n", ("nullable", "name")),
    ],
)
def test_a_header_in_brackets_is_csv_or_an_error(text, columns):
    if text.startswith("[1]"):
        # It begins as JSON does: the hint says how to read it.
        with pytest.raises(SourceError, match="delimiter= reads it as CSV"):
            table(text)
    assert table_of(as_file(text), delimiter=",").columns == columns


def test_the_name_of_a_file_does_not_decide(tmp_path):
    path = tmp_path / "deals.csv"
    path.write_text('[{"id": 1}]')
    assert table_of(path).columns == ("id",)
    path = tmp_path / "deals.json"
    path.write_text("id,name\n1,Acme\n")
    assert table_of(path).columns == ("id", "name")


@pytest.mark.parametrize("encoding", ["utf-8-sig", "utf-16", "utf-16-le", "utf-32"])
def test_json_in_other_encodings(encoding):
    text = json.dumps({"data": [{"name": "Müller"}]}, ensure_ascii=False)
    assert rows_of(text.encode(encoding)) == [["Müller"]]


def test_json_of_a_text_file():
    assert all_rows(table_of(io.StringIO('[{"name": "Müller"}]'))) == [["Müller"]]


@pytest.mark.parametrize(
    "text",
    [r'[{"a": "x"}, {"a": "\ud800"}]', r'[{"a": "x"}, {"a": ["\udc00x"]}]', r'[1, {"\ud83dA": 1}]'],
)
def test_half_of_a_pair_is_an_error_with_its_item(text):
    with pytest.raises(SourceError, match="at item 2: there is half of a pair") as caught:
        table(text)
    assert caught.value.line == 2


def test_both_halves_of_a_pair_are_a_letter():
    assert rows_of(r'[{"a": "\ud83d\ude00"}]') == [["😀"]]
    assert rows_of(r'[{"a": "\\ud800"}]') == [[r"\ud800"]]


def test_a_nul_is_an_error_with_its_line():
    with pytest.raises(SourceError, match="at line 2: there is a NUL"):
        table('[\n"\0"]')


def test_nesting_up_to_the_limit():
    deep = {"x": 1}
    for _ in range(99):
        deep = {"a": deep}
    assert table([deep]).columns == ("a." * 99 + "x",)
    with pytest.raises(SourceError, match="at item 1: values are nested more than 100 deep"):
        table([{"a": deep}])


def test_lists_nested_up_to_the_limit():
    deep = [1]
    for _ in range(98):
        deep = [deep]
    assert all_rows(table([{"a": deep}])) == [[deep]]
    with pytest.raises(SourceError, match="at item 2: values are nested more than 100 deep"):
        table([{"a": 1}, {"a": [deep]}])
    with pytest.raises(SourceError, match="at item 1: values are nested more than 100 deep"):
        table([[[deep]]])


def test_ten_thousand_levels_are_an_error():
    text = '[{"a": ' + "[" * 10_000 + "]" * 10_000 + "}]"
    with pytest.raises(SourceError, match="nested more than 100 deep"):
        table(text)
    with pytest.raises(SourceError, match="nested more than 100 deep"):
        table('{"a": ' * 10_000)


@pytest.mark.parametrize("size", [1, 2, 3, 5, 7, 11])
def test_items_do_not_depend_on_the_blocks_that_they_are_read_in(monkeypatch, size):
    item = {"id": 12, "x": [1.25, -3e-5, True], "text": '\\"é😀\n', "more": {"b": None}}
    text = json.dumps({"page": 1, "data": [item, 34, 5e-7, None]})
    lines = "\n".join(json.dumps(one) for one in (item, 34, 5e-7))
    expected = [
        [12, [Decimal("1.25"), Decimal("-3E-5"), True], '\\"é😀\n', None],
        *[[None] * 4] * 3,
    ]
    monkeypatch.setattr("salesflow.crm._files.BLOCK", size)
    monkeypatch.setattr("salesflow.crm._cursor.BLOCK", size)
    for found, rows in ((table(text), expected), (table(lines), expected[:3])):
        assert all_rows(found) == rows
        facts = [row.fact for chunk in found.read() for row in chunk if hasattr(row, "fact")]
        assert facts[:2] == ["it is no object but 34", "it is no object but 5e-07"]


def test_items_come_some_at_a_time():
    text = json.dumps([{"n": n} for n in range(1_201)])
    assert [len(rows) for rows in table(text).read()] == [500, 500, 201]


def test_long_items_come_fewer_at_a_time():
    text = json.dumps([{"note": "x" * 100_000}] * 30)
    sizes = [len(rows) for rows in table(text).read()]
    assert sum(sizes) == 30
    assert max(sizes) <= 8


def test_what_stands_beside_the_items_may_be_longer_than_a_record(monkeypatch):
    monkeypatch.setattr("salesflow.crm._cursor.MAX_RECORD", 2_000)
    monkeypatch.setattr("salesflow.crm._cursor.BLOCK", 500)
    monkeypatch.setattr("salesflow.crm._files.BLOCK", 500)
    beside = {"users": [{"n": n, "x": {}, "y": []} for n in range(500)], "empty": {}}
    for value in (
        {"before": beside, "data": [{"id": 1}], "after": beside},
        {"x": 1, "answer": {"y": "", "data": [{"id": 1}], "after": beside}},
        {"data": [{"id": 1}] * 1_000},
    ):
        assert all_rows(table(value))[0] == [1]
    assert table({"a": beside, "b": {"c": beside}, "data": [{"id": 1}]}).columns == ("id",)
    blanks = " " * 3_000
    assert rows_of(f'{{"data": [{{"id": 1}}], "x": {{{blanks}}}, "y": [{blanks}]}}') == [[1]]
    with pytest.raises(SourceError, match="it is no valid JSON: more follows"):
        table(json.dumps({"before": beside, "data": [{"id": 1}]}) + ":")


@pytest.mark.parametrize(
    ("value", "item"),
    [
        ({"data": [{"id": 1}, {"id": 2, "note": "x" * 5_000}]}, 2),
        ({"note": "x" * 5_000, "data": []}, None),
        ({"unknown": [{"id": 1}] * 1_000}, 1),
        ({"a": {"b": {"unknown": [1] * 3_000}}}, 1),
        ({"id": 1, "many": {f"k{n}": n for n in range(1_000)}}, 1),
    ],
)
def test_an_item_longer_than_a_record_is_an_error(monkeypatch, value, item):
    monkeypatch.setattr("salesflow.crm._cursor.MAX_RECORD", 2_000)
    monkeypatch.setattr("salesflow.crm._cursor.BLOCK", 500)
    monkeypatch.setattr("salesflow.crm._files.BLOCK", 500)
    with pytest.raises(SourceError, match="a value has more than") as caught:
        table(value)
    assert caught.value.line == item


def test_long_nesting_beside_the_items_is_an_error(monkeypatch):
    monkeypatch.setattr("salesflow.crm._cursor.MAX_RECORD", 200)
    monkeypatch.setattr("salesflow.crm._cursor.BLOCK", 50)
    monkeypatch.setattr("salesflow.crm._files.BLOCK", 50)
    deep = "x" * 300
    for _ in range(150):
        deep = [deep]
    value = {"data": [{"id": 1}], "deep": deep}
    with pytest.raises(SourceError, match="a value has more than"):
        table(value)


def test_an_object_whose_key_is_none_is_an_error(monkeypatch):
    monkeypatch.setattr("salesflow.crm._cursor.MAX_RECORD", 200)
    monkeypatch.setattr("salesflow.crm._cursor.BLOCK", 50)
    monkeypatch.setattr("salesflow.crm._files.BLOCK", 50)
    value = json.dumps({"data": [{"id": 1}] * 100})
    with pytest.raises(SourceError, match="no valid JSON: '5', not '\"', comes next"):
        table(value[:-1] + ", 5: 6}")


def test_an_item_that_changes_between_two_passes_is_an_error(tmp_path):
    path = tmp_path / "deals.json"
    path.write_text('[{"id": 1}]')
    found = table_of(path)
    path.write_text('[{"no": 1}]')
    with pytest.raises(SourceError, match="it changed while it was read"):
        [*found.read()]


def test_no_library_is_needed(monkeypatch):
    monkeypatch.setitem(sys.modules, "ijson", None)
    assert rows_of('{"data": [{"id": 1}]}') == [[1]]
