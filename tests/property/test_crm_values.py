"""Laws of columns: what is written in one style reads back equal, or is asked about."""

from datetime import UTC, date, datetime, time, timedelta, timezone
from decimal import Decimal

import pytest
from hypothesis import assume, example, given
from hypothesis import strategies as st

from salesflow.crm._blanks import BLANK_WORDS, is_blank
from salesflow.crm._cells import BadCell
from salesflow.crm._flags import FlagColumn
from salesflow.crm._moments import MomentColumn
from salesflow.crm._numbers import AmountColumn, NumberColumn
from salesflow.errors import AmbiguousColumnError, SalesflowError

ZEROS = {date(1, 1, 1), date(1900, 1, 1), date(1970, 1, 1), date(9999, 12, 31)}
MONTHS = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"]

days = st.dates().filter(lambda day: day not in ZEROS)
recent_days = st.dates(date(1971, 1, 1), date(2068, 12, 31))
marks = st.sampled_from("/-.")
orders = st.sampled_from(["dmy", "mdy"])


def read(column, cells):
    half = len(cells) // 2
    column.observe(1, cells[:half])
    column.observe(1 + half, cells[half:])
    column.settle()
    return column.read(cells)


def settled(column, cells):
    """The values of some cells, or the question that they leave."""
    try:
        return read(column, cells)
    except AmbiguousColumnError as error:
        return error


def naive(*parts):
    return datetime(*parts)  # noqa: DTZ001 - what is tested here


def write_day(day, order, mark="/", *, padded=True, short=False):
    """A date in an order of its parts, as a spreadsheet writes it."""
    two = "02" if padded else ""
    year = f"{day.year % 100:02}" if short else f"{day.year:04}"
    parts = {"d": f"{day.day:{two}}", "m": f"{day.month:{two}}", "y": year}
    return mark.join(parts[part] for part in order)


@given(st.lists(days, min_size=1), orders, marks, st.booleans())
def test_days_with_one_after_the_12th_read_back_equal(dates, order, mark, padded):
    assume(any(day.day > 12 for day in dates))
    cells = [write_day(day, order, mark, padded=padded) for day in dates]
    assert read(MomentColumn("c"), cells) == dates


@given(st.lists(days.filter(lambda day: day.day <= 12), min_size=1), orders, marks)
@example([date(31, 1, 1)], "dmy", "/")
def test_days_up_to_the_12th_are_asked_about_unless_they_coincide(dates, order, mark):
    cells = [write_day(day, order, mark) for day in dates]
    found = settled(MomentColumn("c"), cells)
    if isinstance(found, AmbiguousColumnError):
        shown = [(cells[row - 1], dates[row - 1]) for row in found.rows]
        assert [text for text, _ in shown] == list(found.values)
        assert all(day.day != day.month for _, day in shown)
    else:
        assert all(day.day == day.month for day in dates)
        assert found == dates
    assert read(MomentColumn("c", order=order), cells) == dates


@given(st.lists(recent_days, min_size=1), st.sampled_from(["dmy", "mdy", "ymd"]), st.booleans())
def test_years_of_two_digits_read_back_equal_or_are_asked_about(dates, order, padded):
    cells = [write_day(day, order, padded=padded, short=True) for day in dates]
    found = settled(MomentColumn("c"), cells)
    assert order in found.formats if isinstance(found, AmbiguousColumnError) else found == dates
    assert read(MomentColumn("c", order=order), cells) == dates


def named_days(day):
    name = MONTHS[day.month - 1]
    return st.sampled_from(
        [
            f"{day.year:04}{mark}{day.month:{two}}{mark}{day.day:{two}}"
            for mark in "-/."
            for two in ("", "02")
        ]
        + [
            f"{day.day} {name} {day.year:04}",
            f"{name} {day.day}, {day.year:04}",
            f"{day.day:02}-{name.upper()}-{day.year:04}",
        ]
    )


@given(st.lists(days.flatmap(lambda day: st.tuples(st.just(day), named_days(day)))))
def test_days_that_no_order_can_mistake_read_back_in_any_mixture(written):
    assert read(MomentColumn("c"), [text for _, text in written]) == [day for day, _ in written]


def write_clock(clock, style):
    if style == "12":
        half = "AM" if clock.hour < 12 else "PM"
        return f"{clock.hour % 12 or 12}:{clock.minute:02}:{clock.second:02} {half}"
    return clock.isoformat(timespec=style)


@given(
    st.lists(st.datetimes(naive(1970, 1, 2), naive(9998, 12, 31)), min_size=1),
    st.sampled_from(["T", " "]),
    st.sampled_from(["Z", "+00:00", "+0000", "+00", " UTC", "+05:30", "-0800", "+14:00"]),
)
def test_instants_read_back_equal_with_any_offset(moments, mark, offset):
    sign, digits = offset[0], offset[1:].replace(":", "").ljust(4, "0")
    ahead = timedelta(hours=int(digits[:2]), minutes=int(digits[2:])) if sign in "+-" else None
    zone = UTC if ahead is None else timezone(ahead if sign == "+" else -ahead)
    cells = [f"{moment.date()}{mark}{moment.time().isoformat()}{offset}" for moment in moments]
    assert read(MomentColumn("c"), cells) == [moment.replace(tzinfo=zone) for moment in moments]


@given(
    st.lists(st.datetimes(naive(1971, 1, 1), naive(2068, 1, 1)), min_size=1),
    st.sampled_from(["12", "seconds", "milliseconds", "microseconds"]),
    st.sampled_from(["dmy", "mdy"]),
)
def test_times_of_a_zone_read_back_equal(moments, style, order):
    whole = {"12": 1_000_000, "seconds": 1_000_000, "milliseconds": 1_000}.get(style, 1)
    moments = [m.replace(microsecond=m.microsecond // whole * whole) for m in moments]
    assume(any(moment.time() != time() for moment in moments))
    cells = [f"{write_day(m, order)} {write_clock(m.time(), style)}" for m in moments]
    column = MomentColumn("c", order=order, zone="UTC")
    assert read(column, cells) == [moment.replace(tzinfo=UTC) for moment in moments]


@given(
    st.lists(st.integers(631_152_000_000, 4_102_444_799_999), min_size=1),
    st.sampled_from([1, 1000]),
    st.sampled_from([int, str, float, Decimal]),
)
def test_numbers_since_1970_read_back_equal(stamps, unit, kind):
    stamps = [stamp // unit * unit for stamp in stamps]
    cells = [kind(stamp // unit) for stamp in stamps]
    epoch = datetime(1970, 1, 1, tzinfo=UTC)
    found = read(MomentColumn("c"), cells)
    assert found == [epoch + timedelta(milliseconds=stamp) for stamp in stamps]


@given(st.lists(st.datetimes(timezones=st.timezones()) | st.dates() | st.none()))
def test_native_moments_are_what_they_are(cells):
    for cell, found in zip(cells, read(MomentColumn("c"), cells), strict=True):
        if found is None or isinstance(found, BadCell):
            assert cell is None or cell.year in {1, 1900, 1969, 1970, 9999}
        elif isinstance(cell, datetime):
            assert found == cell.astimezone(UTC)
            assert found.tzinfo is UTC
        else:
            assert found == cell


@given(
    st.datetimes(naive(1990, 1, 1), naive(2037, 1, 1)).map(lambda m: m.replace(second=1)),
    st.sampled_from(["Europe/Berlin", "America/New_York", "Australia/Lord_Howe", "Asia/Seoul"]),
)
@example(naive(2024, 10, 27, 2, 30, 1), "Europe/Berlin")
@example(naive(2024, 3, 31, 2, 30, 1), "Europe/Berlin")
@example(naive(2024, 4, 7, 1, 45, 1), "Australia/Lord_Howe")
def test_a_time_of_a_zone_is_one_that_its_clocks_showed(local, zone):
    from zoneinfo import ZoneInfo

    column = MomentColumn("c", zone=zone)
    (found,) = read(column, [local.isoformat()])
    shown = {
        utc
        for fold in (0, 1)
        for utc in [local.replace(tzinfo=ZoneInfo(zone), fold=fold).astimezone(UTC)]
        if utc.astimezone(ZoneInfo(zone)).replace(tzinfo=None) == local
    }
    assert column.n_twice == (len(shown) == 2)
    if shown:
        assert found == min(shown)
    else:
        assert isinstance(found, BadCell)


amounts = st.decimals(-(10**12), 10**12, places=2)
STYLES = {"1,234.56": (",", "."), "1.234,56": (".", ",")}
around = st.sampled_from(["{}", "${}", "{} €", "USD {}", " {} "])


def write_amount(amount, style, group, form):
    _, point = STYLES[style]
    text = f"{abs(amount):,.2f}".replace(".", "p").replace(",", group).replace("p", point)
    text = form.format(text)
    return f"({text.strip()})" if amount < 0 else text


@given(
    st.lists(amounts, min_size=1),
    st.sampled_from(list(STYLES)),
    st.sampled_from(["", "usual", " ", "\u202f", "'"]),
    around,
)
def test_amounts_with_decimals_read_back_equal(numbers, style, group, form):
    group = STYLES[style][0] if group == "usual" else group
    cells = [write_amount(number, style, group, form) for number in numbers]
    column = AmountColumn("c")
    found, currencies = read(column, cells)
    assert found == numbers
    code = {"{} €": "EUR", "USD {}": "USD"}.get(form)
    assert currencies == [code] * len(numbers)


@given(st.lists(st.integers(0, 10**9), min_size=1), st.sampled_from(list(STYLES)), around)
def test_whole_amounts_in_groups_read_back_equal_or_are_asked_about(numbers, style, form):
    group, _ = STYLES[style]
    cells = [form.format(f"{number:,}".replace(",", group)) for number in numbers]
    # Below 1,000 there is no group, from 1,000,000 on there are two: only one style fits.
    asked = any(number >= 1_000 for number in numbers) and all(n < 1_000_000 for n in numbers)
    if asked:
        with pytest.raises(AmbiguousColumnError):
            read(AmountColumn("c"), cells)
    else:
        assert read(AmountColumn("c"), cells)[0] == numbers
    assert read(AmountColumn("c", style=style), cells)[0] == numbers


@given(st.lists(st.floats(-1e15, 1e15) | st.integers(-(10**20), 10**20)))
def test_native_numbers_are_what_they_are(cells):
    for cell, found in zip(cells, read(NumberColumn("c"), cells), strict=True):
        assert isinstance(found, BadCell) or float(found) == float(cell)
        assert not isinstance(found, BadCell) or abs(cell) < 1e-20  # more than 40 decimals


@given(st.lists(st.decimals(0, 1, places=4), min_size=1))
def test_a_share_and_its_percentage_are_the_same(shares):
    cells = [f"{share * 100:f}%" for share in shares]
    assert read(NumberColumn("c", percent=None), cells) == shares
    assert read(NumberColumn("c", percent=True), [f"{share * 100:f}" for share in shares]) == shares


near_misses = st.from_regex(
    r"\A[-+(]?[$€]?[0-9]{1,4}([-/.:, T'][0-9]{1,4}){0,6}( ?[AP]M| ?Z|[+-][0-9:]{1,5}|%|e9|\))?\Z"
)
texts = st.one_of(
    st.text(),
    st.text(st.characters(codec=None)),  # lone surrogates and NUL as well
    st.text("0123456789-/.:,' TZ+()$%eE\u00a0\u0663", max_size=30),
    st.binary().map(lambda raw: raw.decode("latin-1")),
    st.binary().map(lambda raw: raw.decode("utf-8", "surrogateescape")),
    near_misses,
)
scalars = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(),
    st.floats(),
    st.decimals(),
    st.dates(),
    st.datetimes(),
    st.datetimes(timezones=st.timezones()),
    st.times(),
    st.timedeltas(),
    st.binary(),
    st.lists(st.integers()),
    st.dictionaries(st.text(), st.integers()),
    st.complex_numbers(),
    st.builds(object),
)
cells_of_any_kind = st.lists(texts | scalars, max_size=8)

COLUMNS = [
    lambda: MomentColumn("c"),
    lambda: MomentColumn("c", order="dmy", zone="Europe/Berlin"),
    lambda: MomentColumn("c", order="milliseconds", zone="UTC"),
    lambda: AmountColumn("c"),
    lambda: AmountColumn("c", style="1.234,56", cents=True),
    lambda: NumberColumn("c", percent=True),
    lambda: NumberColumn("c", style="1,234.56", percent=None),
    lambda: FlagColumn("c"),
]


@pytest.mark.parametrize("make", COLUMNS, ids=range(len(COLUMNS)))
@given(cells=cells_of_any_kind)
@example(cells=["\ud800", "2024-03-12T10:00\ud800", "\x00", "1" * 5000, "²", "१२३"])
@example(cells=[10**5000, Decimal("1e999999"), Decimal("sNaN"), float("-inf")])
@example(cells=["0001-01-01T00:00:01+14:00", "9999-12-30T23:59:59-23:59"])
def test_whatever_stands_there_is_a_value_a_bad_cell_or_one_of_our_errors(make, cells):
    column = make()
    try:
        found = read(column, cells)
    except SalesflowError:
        return
    values = found[0] if isinstance(found, tuple) else found
    assert len(values) == len(cells)
    for value in values:
        if isinstance(value, datetime):
            assert value.tzinfo is UTC
        elif isinstance(value, Decimal):
            assert value.is_finite()
            assert len(value.as_tuple().digits) <= 64
        elif isinstance(value, BadCell):
            assert 0 < len(value.fact) < 300
        else:
            assert value is None or type(value) in (date, bool)


NUMBERS = st.one_of(
    st.decimals(allow_nan=False, allow_infinity=False, places=2).map(str),
    st.from_regex(r"-?[0-9]{1,26}(\.[0-9]{0,5})?", fullmatch=True),
    st.sampled_from(
        ["", "-0", "-0.00", "1.234", "0.123", "1e5", "1 000", "5\n", "\u0665", " 5", "n/a"]
    ),
)


@given(
    chunks=st.lists(st.lists(NUMBERS | st.none() | st.integers(), max_size=5), max_size=3),
    cents=st.booleans(),
)
@example(chunks=[["12.50", "", "-0.00"], ["7", "1.2345"]], cents=False)
@example(chunks=[["1.234,5"], ["7", "12.50"]], cents=False)
def test_amounts_of_a_chunk_are_read_as_each_of_them_is(chunks, cents):
    def outcome(blanks):
        column, row = AmountColumn("c", cents=cents, blanks=blanks), 1
        for chunk in chunks:
            column.observe(row, chunk)
            row += len(chunk)
        try:
            column.settle()
        except AmbiguousColumnError as error:
            return error.message
        return repr([column.read(chunk) for chunk in chunks]), column.notes

    # With a blank of its own, which no cell has, a column is read cell by cell.
    assert outcome(BLANK_WORDS) == outcome(BLANK_WORDS | {"no such word"})


@given(texts | scalars)
def test_any_cell_is_blank_or_not(cell):
    assert is_blank(cell) in (True, False)


@given(cells_of_any_kind, st.integers(1, 4))
def test_how_a_column_is_cut_into_chunks_changes_nothing(cells, size):
    def outcome(step):
        column = MomentColumn("c", zone="UTC")
        try:
            for start in range(0, len(cells), step):
                column.observe(start + 1, cells[start : start + step])
            column.settle()
        except AmbiguousColumnError as error:
            return error.message
        found = [
            value for s in range(0, len(cells), step) for value in column.read(cells[s : s + step])
        ]
        return found, column.notes, column.n_impossible, column.impossible_rows

    assert outcome(size) == outcome(100)
