"""Files as sources: paths, open files, and what their bytes are in."""

import gzip
import io
import os
import sys
import tempfile

import pytest

from salesflow.crm._sources import table_of
from salesflow.errors import DataError, MissingExtraError, OptionError, SourceError
from tests.sources import Pipe, all_rows, as_file, rows_of

TEXT = "id,name,city\n1,Müller,Köln\n2,Weiß,Düsseldorf\n3,Größe,Nürnberg\n"
ROWS = [["1", "Müller", "Köln"], ["2", "Weiß", "Düsseldorf"], ["3", "Größe", "Nürnberg"]]


@pytest.fixture
def path(tmp_path):
    found = tmp_path / "deals.csv"
    found.write_text(TEXT, encoding="utf-8", newline="")
    return found


def test_a_path_may_be_a_str_or_path_like(path):
    class Named:
        def __fspath__(self):
            return os.fsencode(path)

    for source in (path, str(path), Named()):
        found = table_of(source)
        assert found.name == "deals.csv"
        assert all_rows(found) == ROWS


def test_a_name_may_be_given(path):
    assert table_of(path, name="June").name == "June"
    assert table_of(as_file(TEXT), name="June").name == "June"
    assert table_of([], name="June").name == "June"


def test_a_path_that_is_absent_is_an_error():
    with pytest.raises(
        SourceError, match=r"cannot read 'no\.csv': there is no such file"
    ) as caught:
        table_of("no.csv")
    assert isinstance(caught.value.__cause__, FileNotFoundError)
    assert caught.value.hint == "a str is a path; give a text itself as io.StringIO(text)."
    assert (caught.value.source, caught.value.line) == ("no.csv", None)


def test_a_folder_is_an_error(tmp_path):
    with pytest.raises(SourceError, match="it is a folder") as caught:
        table_of(tmp_path)
    assert isinstance(caught.value.__cause__, OSError)


def test_a_path_that_is_no_path_is_an_error():
    with pytest.raises(SourceError, match="null byte"):
        table_of("a\0b")
    with pytest.raises(SourceError, match="name too long"):
        table_of("x" * 10_000)


def test_a_file_that_may_not_be_read_is_an_error(path, monkeypatch):
    def refuse(*_):
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr("pathlib.Path.open", refuse)
    with pytest.raises(SourceError, match=r"cannot read 'deals\.csv': permission denied") as caught:
        table_of(path)
    assert isinstance(caught.value.__cause__, PermissionError)


def test_an_error_without_words_of_its_own(path, monkeypatch):
    def refuse(*_):
        raise OSError("Broken")  # noqa: EM101 - as the system does

    monkeypatch.setattr("pathlib.Path.open", refuse)
    with pytest.raises(SourceError, match=r"cannot read 'deals\.csv': broken"):
        table_of(path)


def test_a_pipe_that_has_a_path_is_held():
    # A descriptor of a pipe, by its path: what <(…) is in a shell.
    reading, writing = os.pipe()
    os.write(writing, TEXT.encode())
    os.close(writing)
    try:
        if not os.path.exists(f"/dev/fd/{reading}"):  # noqa: PTH110
            pytest.skip("this system has no /dev/fd")
        assert all_rows(table_of(f"/dev/fd/{reading}")) == ROWS
    finally:
        os.close(reading)


def test_a_file_of_another_size_in_the_second_pass_is_an_error(path):
    found = table_of(path)
    path.write_text("id,name,city\n")
    with pytest.raises(SourceError, match="it changed while it was read") as caught:
        [*found.read()]
    assert caught.value.hint == "read it again when nothing writes it."


def test_an_open_file_of_another_size_in_the_second_pass_is_an_error():
    file = as_file("a,b\n1,2\n")
    found = table_of(file)
    assert all_rows(found) == [["1", "2"]]
    file.seek(0, io.SEEK_END)
    file.write(b"3,4\n")
    with pytest.raises(SourceError, match="it changed while it was read"):
        [*found.read()]


def test_a_file_stays_open_and_begins_where_it_stands(path):
    with path.open("rb") as file:
        file.readline()
        found = table_of(file)
        assert found.name == "deals.csv"
        assert found.columns == ("1", "Müller", "Köln")
        assert all_rows(found) == ROWS[1:]
        assert not file.closed


def test_a_file_opened_as_text_is_read_as_it_says(tmp_path):
    path = tmp_path / "deals.csv"
    path.write_text(TEXT, encoding="cp1252")
    with path.open(encoding="cp1252") as file:
        found = table_of(file)
        assert all_rows(found) == ROWS
        assert found.notes == ()


def test_a_file_opened_as_text_takes_no_encoding():
    with pytest.raises(OptionError, match="it was opened as text") as caught:
        table_of(io.StringIO("a,b\n"), encoding="utf-8")
    assert caught.value.parameter == "encoding"


def test_a_file_opened_with_the_wrong_encoding_is_an_error(tmp_path):
    path = tmp_path / "deals.csv"
    path.write_text(TEXT, encoding="cp1252")
    with (
        path.open(encoding="utf-8") as file,
        pytest.raises(SourceError, match="it was opened as text, and does not hold that"),
    ):
        table_of(file)


def test_a_file_that_cannot_go_back_is_held():
    assert all_rows(table_of(Pipe(TEXT.encode()))) == ROWS
    assert rows_of(TEXT) == ROWS


def test_standard_input_has_its_name(monkeypatch):
    class Stdin(io.StringIO):
        name = "<stdin>"

        def seekable(self):
            return False

    monkeypatch.setattr(sys, "stdin", Stdin(TEXT))
    found = table_of(sys.stdin)
    assert found.name == "<stdin>"
    assert all_rows(found) == ROWS


def test_a_file_without_seekable_is_held():
    class Answer:
        def __init__(self):
            self.file = io.BytesIO(TEXT.encode())

        def read(self, size):
            return memoryview(self.file.read(size))

    assert all_rows(table_of(Answer())) == ROWS


def test_a_file_that_another_object_wraps_is_one():
    with tempfile.NamedTemporaryFile() as file:
        file.write(TEXT.encode())
        file.seek(0)
        found = table_of(file)
        assert found.name == os.path.basename(file.name)  # noqa: PTH119
        assert all_rows(found) == ROWS


@pytest.mark.parametrize(("block", "kind"), [(None, "NoneType"), ("a,b", "str")])
def test_a_file_that_gives_no_bytes_is_an_error(block, kind):
    class Odd:
        def read(self, size):
            return block if size else b""

    with pytest.raises(SourceError, match=f"it gave {kind}, no bytes"):
        table_of(Odd())


def test_a_text_file_that_gives_no_text_is_an_error():
    class Odd:
        def read(self, size):
            return b"a,b" if size else ""

    with pytest.raises(SourceError, match="it gave bytes, no text"):
        table_of(Odd())


def test_a_closed_file_is_an_error():
    file = as_file(TEXT)
    file.close()
    with pytest.raises(SourceError, match="reading failed: I/O operation on closed file"):
        table_of(file)


def test_an_error_of_a_file_without_words_is_told_by_its_name():
    class Lost:
        def read(self, _):
            raise ConnectionResetError

    with pytest.raises(SourceError, match="reading failed: ConnectionResetError"):
        table_of(Lost())


def test_a_broken_archive_is_an_error():
    with pytest.raises(SourceError, match="reading failed") as caught:
        table_of(gzip.GzipFile(fileobj=io.BytesIO(gzip.compress(TEXT.encode())[:30])))
    assert isinstance(caught.value.__cause__, EOFError)


def test_an_archive_that_its_own_library_opens_is_read():
    packed = gzip.compress(TEXT.encode())
    assert all_rows(table_of(gzip.GzipFile(fileobj=io.BytesIO(packed)))) == ROWS


@pytest.mark.parametrize(
    ("start", "what"),
    [
        (b"\x1f\x8b\x08", "compressed by gzip"),
        (b"PK\x03\x04", "a zip archive"),
        (b"\xd0\xcf\x11\xe0", "an old Excel workbook"),
        (b"%PDF-1.7", "a PDF file"),
        (b"PAR1", "a Parquet file"),
    ],
)
def test_what_is_no_text_is_named(start, what):
    with pytest.raises(SourceError, match=f"it is {what}"):
        table_of(io.BytesIO(start + b"\x00\x01\x02"))


def test_two_passes_over_one_file_at_a_time_are_an_error(path):
    with path.open("rb") as file:
        found = table_of(file)
        first = found.read()
        assert next(found.read()) == ROWS
        # The first one had not begun, so nothing is mixed up; one that has is told.
        assert [*first] == [ROWS]
    long = table_of(as_file("a,b\n" + "1,2\n" * 50_000))
    first = long.read()
    next(first)
    next(long.read())
    with pytest.raises(SourceError, match="it is being read anew"):
        list(first)


def test_two_passes_over_a_path_at_a_time_are_fine(tmp_path):
    path = tmp_path / "deals.csv"
    path.write_text("a,b\n" + "1,2\n" * 50_000)
    found = table_of(path)
    pairs = zip(found.read(), found.read(), strict=True)
    assert sum(len(one) for one, other in pairs if one == other) == 50_000


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig"])
def test_utf8_is_not_told(encoding):
    found = table_of(as_file(TEXT.encode(encoding)))
    assert found.columns == ("id", "name", "city")
    assert all_rows(found) == ROWS
    assert found.notes == ()


@pytest.mark.parametrize(
    ("encoding", "mark", "told"),
    [
        ("utf-16-le", b"\xff\xfe", "utf-16-le"),
        ("utf-16-be", b"\xfe\xff", "utf-16-be"),
        ("utf-16-le", b"", "utf-16-le"),
        ("utf-16-be", b"", "utf-16-be"),
        ("utf-32-le", b"\xff\xfe\x00\x00", "utf-32-le"),
        ("utf-32-be", b"\x00\x00\xfe\xff", "utf-32-be"),
    ],
)
def test_wide_encodings_are_found(encoding, mark, told):
    found = table_of(as_file(mark + TEXT.encode(encoding)))
    assert found.columns == ("id", "name", "city")
    assert all_rows(found) == ROWS
    assert found.notes == (f"it is read as {told}",)


@pytest.mark.parametrize(
    ("content", "encoding"),
    [
        (TEXT.encode("cp850"), "cp850"),
        (TEXT.encode("utf-16"), "utf-16"),
        (TEXT.encode("utf-16-le"), "UTF-16"),
        (TEXT.encode("utf-16-be"), "utf-16"),
        (b"\xfe\xff" + TEXT.encode("utf-16-be"), "utf_16_be"),
        (TEXT.encode("utf-32-le"), "utf-32"),
        (TEXT.encode("utf-8-sig"), "utf-8"),
        (TEXT.encode("utf-7"), "utf-7"),
    ],
)
def test_an_encoding_given_is_used(content, encoding):
    found = table_of(as_file(content), encoding=encoding)
    assert found.columns == ("id", "name", "city")
    assert all_rows(found) == ROWS
    assert found.notes == ()


@pytest.mark.parametrize("encoding", ["klingon", "base64", "hex", "utf-8\0", 8])
def test_an_encoding_that_does_not_exist_is_refused(encoding):
    with pytest.raises(OptionError, match="knows no such encoding") as caught:
        table_of(as_file(TEXT), encoding=encoding)
    assert caught.value.parameter == "encoding"


def test_an_encoding_that_never_decodes_is_an_error():
    with pytest.raises(SourceError, match="undefined encoding"):
        table_of(as_file("a,b\n"), encoding="undefined")


@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
def test_bytes_that_the_encoding_does_not_know_are_named_by_their_line(end):
    content = end.join(["id,name", "1,Köln", "2,x", "3,Kö"]).encode() + b"\xff" + b"ln"
    with pytest.raises(SourceError, match="at line 4: what stands there is not utf-8") as caught:
        rows_of(content, encoding="utf-8")
    assert caught.value.line == 4
    assert "encoding=" in str(caught.value.hint)
    assert isinstance(caught.value.__cause__, UnicodeDecodeError)


def test_the_line_is_right_far_down_the_file():
    content = b"id,name\r\n" + b"1,Acme\r\n" * 40_000 + b"2,\xff\r\n"
    with pytest.raises(SourceError) as caught:
        rows_of(content, encoding="utf-8")
    assert caught.value.line == 40_002


def test_bytes_missing_at_the_end_are_named():
    with pytest.raises(SourceError, match="at line 2: what stands there is not utf-16-le"):
        rows_of("a,b\n1,2".encode("utf-16-le")[:-1], encoding="utf-16-le")


def test_one_broken_line_does_not_make_utf8_something_else():
    content = "id,name\n" + "".join(f"{n},Köln {n}\n" for n in range(50))
    with pytest.raises(SourceError, match="at line 52: what stands there is not utf-8"):
        rows_of(content.encode() + b"51,K\xf6ln\n")


SAMPLES = {
    "cp1252": [
        TEXT,
        "id,name\n1,Café\n",
        "id,name\n1,José Peña\n2,François Lefèvre\n",
    ],
    "cp1250": ["nazwa;miasto\nŁódź Świętochłowice;Kraków\nZażółć gęślą jaźń;Gdańsk\n"],
    "cp1251": ["имя;город\nИван Петров;Москва\nОльга Смирнова;Казань\n"],  # noqa: RUF001
    "cp1253": ["όνομα;πόλη\nΓιώργος Παπαδόπουλος;Αθήνα\n"],  # noqa: RUF001
    "cp1254": ["isim;şehir\nAyşe Yılmaz;İstanbul\nÇağrı Güneş;İzmir\n"],  # noqa: RUF001
    "cp932": ["名前,会社\n山田太郎,株式会社東京\n鈴木,大阪商事\n", "id,name\n1,株式会社\n"],
    "gb18030": ["姓名,公司\n王小明,北京科技有限公司\n李华,上海贸易\n"],
    "cp949": ["이름,회사\n김철수,서울상사\n박영희,부산무역\n"],
    "big5": ["姓名,公司\n王小明,臺北科技有限公司\n"],
}


@pytest.mark.parametrize(
    ("encoding", "text"), [(name, text) for name, texts in SAMPLES.items() for text in texts]
)
def test_other_encodings_are_guessed_and_told(encoding, text):
    mark = ";" if ";" in text else ","
    expected = [line.split(mark) for line in text.splitlines()]
    found = table_of(as_file(text.encode(encoding)))
    assert [[*found.columns], *all_rows(found)] == expected
    told = f"it is read as {encoding}, which is a guess: encoding= says what it is"
    assert found.notes[0] == told


@pytest.mark.parametrize(
    "text", ["id;sum\n1;1.200 €\n2;£300\n", "id;sum\n1;– „x“\n", "id;sum\n1;“big” deal…\n"]
)
def test_signs_alone_are_those_of_windows(text):
    found = table_of(as_file(text.encode("cp1252")))
    assert [[*found.columns], *all_rows(found)] == [line.split(";") for line in text.splitlines()]
    told = "it is read as cp1252, by its signs alone: encoding= says what it is"
    assert found.notes == (told, "its cells are separated by semicolons")


def test_a_guess_takes_lines_from_far_down_the_file():
    rows = "".join(f"{n},Acme,Rome\n" for n in range(30_000))
    content = "id,name,city\n" + rows + TEXT.partition("\n")[2]
    assert rows_of(content.encode("cp1252"))[-3:] == ROWS


def test_a_guess_needs_no_more_than_some_lines():
    rows = "".join(f"{n},Größe {n} für Köln\n" for n in range(20_000))
    assert len(rows_of(("id,name\n" + rows).encode("cp1252"))) == 20_000


def test_bytes_of_no_encoding_are_an_error():
    content = bytes(range(128, 256)) * 4
    with pytest.raises(SourceError, match="it is in no encoding that could be told"):
        table_of(as_file(b"a,b\n" + content))


def test_a_guess_needs_charset_normalizer(monkeypatch):
    monkeypatch.setitem(sys.modules, "charset_normalizer", None)
    with pytest.raises(MissingExtraError, match="charset-normalizer is not installed") as caught:
        table_of(as_file(TEXT.encode("cp1252")))
    assert caught.value.library == "charset-normalizer"
    assert "pip install 'salesflow[crm]'" in str(caught.value.hint)
    assert rows_of(TEXT) == ROWS
    assert rows_of(TEXT.encode("cp1252"), encoding="cp1252") == ROWS


def test_a_nul_is_an_error_with_its_line():
    with pytest.raises(
        SourceError, match="at line 3: there is a NUL, so this is no text"
    ) as caught:
        rows_of("a,b\n1,2\n3,\0\n")
    assert caught.value.line == 3


@pytest.mark.parametrize("hold", [False, True])
def test_half_of_a_pair_is_an_error_with_its_line(hold):
    class Text(io.StringIO):
        def seekable(self):
            return not hold

    fact = "what stands there is not utf-8" if hold else "there is half of a pair of surrogates"
    with pytest.raises(SourceError, match=f"at line 2: {fact}"):
        all_rows(table_of(Text("a,b\n1,\ud800\n")))


def test_half_of_a_pair_that_an_encoding_lets_through_is_an_error():
    with pytest.raises(SourceError, match="at line 2: there is half of a pair"):
        rows_of(b"a,b\n1,+2AA-\n", encoding="utf-7")


@pytest.mark.parametrize("source", [b"a,b\n", bytearray(b"a"), 5, None])
def test_what_has_no_rows_is_an_error(source):
    with pytest.raises(DataError, match="has no rows") as caught:
        table_of(source)
    assert caught.value.found == type(source).__name__
    assert "io.BytesIO" in str(caught.value.hint)


@pytest.mark.parametrize("option", ["delimiter", "encoding"])
def test_rows_take_no_options_of_files(option):
    with pytest.raises(OptionError, match="the source is no file") as caught:
        table_of([], **{option: ";"})
    assert caught.value.parameter == option
