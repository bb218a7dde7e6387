"""Exports of every system, with every mess of real files, read back to the deals they tell of."""

import io
from collections.abc import Sequence
from datetime import UTC, date, datetime
from typing import Any

import attrs
import pytest

import salesflow as sf
from salesflow import crm
from salesflow.crm import Formats, Import
from tests.export_samples import Sample, Shape, samples
from tests.exports import (
    CLEAN,
    CURRENCY_OF,
    DATES,
    NAIVE,
    NUMBERS,
    SHAPES,
    SYSTEMS,
    Mess,
    readable,
    spoilt,
    stages_of,
    write_export,
    write_rows,
)

BOTH = [(system, shape) for system in SYSTEMS for shape in SHAPES]
PIPELINE = sf.Pipeline.standard()


def read(
    deals: Sequence[Sample], system: str, shape: Shape, mess: Mess = CLEAN, **options: Any
) -> Import:
    data = write_export(system, deals, shape=shape, mess=mess)
    given = {"pipeline": PIPELINE, "stages": stages_of(system, shape), "zone": "UTC", **options}
    return crm.read(io.BytesIO(data), system=system, **given)


def told(deal: sf.Deal) -> dict[str, Any]:
    """A deal in the words of `readable`."""
    return {
        "id": deal.id,
        "name": deal.name,
        "stage": deal.stage,
        "closed_from": deal.lost_at_stage,
        "outcome": deal.outcome,
        "amount": None if deal.amount is None else deal.amount.amount,
        "currency": None if deal.amount is None else deal.amount.currency,
        "owner": deal.owner_id,
        "account": deal.account_id,
        "created": _moment(deal.created_at, deal.created_precision),
        "closed": _moment(deal.closed_at, deal.closed_precision),
        "expected": deal.expected_close_on,
        "reason": deal.loss_reason,
        "probability": deal.probability,
    }


def _moment(at: datetime | None, precision: str) -> date | None:
    return at.date() if at is not None and precision == "day" else at


def expected(one: Sample, system: str, shape: Shape) -> dict[str, Any]:
    """What `readable` says, as a deal of ours has it."""
    said = readable(one, system, shape)
    certain = {"won": 1.0, "lost": 0.0}.get(one.outcome)
    return {
        **said,
        "currency": None if one.amount is None else said["currency"],
        "closed_from": said["closed_from"] if one.outcome == "lost" else None,
        "probability": said["probability"] if certain is None else certain,
    }


def check(got: Import, deals: Sequence[Sample], system: str, shape: Shape) -> None:
    assert got.rejected == ()
    assert got.n_rows == len(deals)
    assert [told(deal) for deal in got.deals] == [expected(d, system, shape) for d in deals]


@pytest.mark.parametrize(("system", "shape"), BOTH)
def test_an_export_reads_back(system: str, shape: Shape) -> None:
    deals = samples(24, seed=3, currency="EUR")

    got = read(deals, system, shape, currency="EUR")

    assert got.system == system
    check(got, deals, system, shape)


@pytest.mark.parametrize(("system", "shape"), BOTH)
def test_a_system_is_told_by_its_columns(system: str, shape: Shape) -> None:
    data = write_export(system, samples(6), shape=shape)

    got = crm.read(io.BytesIO(data), zone="UTC")

    assert got.system == system
    assert (len(got.deals), got.rejected) == (6, ())


@pytest.mark.parametrize(("system", "shape"), BOTH)
@pytest.mark.parametrize("dates", sorted(DATES))
def test_dates_are_read_in_every_style(system: str, shape: Shape, dates: str) -> None:
    deals = samples(15, seed=5, currency="EUR")

    got = read(deals, system, shape, Mess(dates=dates), currency="EUR")

    if dates.startswith("epoch"):
        # A day is written as its midnight then, in UTC.
        assert [deal.outcome for deal in got.deals] == [deal.outcome for deal in deals]
        days = [deal.created_at.date() for deal in got.deals if deal.created_at is not None]
        assert days == [deal.created.date() for deal in deals]
    else:
        check(got, deals, system, shape)


@pytest.mark.parametrize("system", SYSTEMS)
@pytest.mark.parametrize("numbers", sorted(NUMBERS))
def test_amounts_are_read_in_every_style(system: str, numbers: str) -> None:
    if system == "close":
        pytest.skip("Close writes whole cents, and no style")
    currency = CURRENCY_OF.get(numbers, "EUR")
    deals = samples(15, seed=7, currency=currency)

    got = read(deals, system, "csv", Mess(numbers=numbers), currency=currency)

    check(got, deals, system, "csv")


FILES = [
    Mess(delimiter=";", quote_all=True),
    Mess(delimiter="\t", newline="\n"),
    Mess(delimiter="|", newline="\r"),
    Mess(bom=True),
    Mess(encoding="utf-16"),
    Mess(encoding="utf-16-le", bom=True),
    Mess(encoding="cp1252", newline="\n"),
]


@pytest.mark.parametrize("system", SYSTEMS)
@pytest.mark.parametrize("mess", FILES, ids=lambda mess: f"{mess.delimiter!r}-{mess.encoding}")
def test_files_are_read_however_they_are_written(system: str, mess: Mess) -> None:
    deals = samples(30, seed=9, currency="EUR")

    check(read(deals, system, "csv", mess, currency="EUR"), deals, system, "csv")


JSON = [Mess(wrapper="list"), Mess(wrapper="lines"), Mess(as_texts=True), Mess(bom=True)]


@pytest.mark.parametrize("system", SYSTEMS)
@pytest.mark.parametrize("mess", JSON, ids=lambda mess: f"{mess.wrapper}-{mess.as_texts}")
def test_answers_are_read_however_they_are_wrapped(system: str, mess: Mess) -> None:
    deals = samples(12, seed=11, currency="EUR")

    check(read(deals, system, "json", mess, currency="EUR"), deals, system, "json")


def test_properties_may_be_objects_with_a_value() -> None:
    deals = samples(12, seed=13, currency="EUR")

    got = read(deals, "hubspot", "json", Mess(value_objects=True), currency="EUR")

    check(got, deals, "hubspot", "json")


@pytest.mark.parametrize(("system", "shape"), BOTH)
def test_rows_of_dicts_are_read_like_the_file(system: str, shape: Shape) -> None:
    deals = samples(12, seed=15, currency="EUR")
    options: dict[str, Any] = {"pipeline": PIPELINE, "stages": stages_of(system, shape)}

    got = crm.read(
        write_rows(system, deals, shape=shape), system=system, zone="UTC", currency="EUR", **options
    )

    check(got, deals, system, shape)


@pytest.mark.parametrize("system", SYSTEMS)
@pytest.mark.parametrize(
    "blanks", [("", "Select", "None"), ("n/a", "-", "NULL"), ("#N/A", "—", " ")], ids=str
)
def test_hidden_blanks_are_unknown(system: str, blanks: tuple[str, ...]) -> None:
    deals = samples(15, seed=17, currency="EUR")

    got = read(deals, system, "csv", Mess(blanks=blanks), currency="EUR")

    check(got, deals, system, "csv")


@pytest.mark.parametrize("system", SYSTEMS)
@pytest.mark.parametrize("words", [("TRUE", "FALSE"), ("Yes", "No"), ("1", "0"), ("t", "f")])
def test_booleans_may_be_texts(system: str, words: tuple[str, str]) -> None:
    deals = samples(12, seed=19, currency="EUR")

    got = read(deals, system, "csv", Mess(booleans=words), currency="EUR")

    check(got, deals, system, "csv")


@pytest.mark.parametrize(("system", "shape"), BOTH)
def test_impossible_ends_are_unknown(system: str, shape: Shape) -> None:
    deals = samples(24, seed=21, currency="EUR")

    got = read(deals, system, shape, Mess(impossible_ends=True), currency="EUR")

    check(got, deals, system, shape)


@pytest.mark.parametrize("system", sorted(set(SYSTEMS) - {"close"}))
def test_formulas_are_texts_and_stay_so(system: str) -> None:
    deals, mess = samples(12, seed=23, currency="EUR"), Mess(formulas=True)

    got = read(deals, system, "csv", mess, currency="EUR")

    check(got, spoilt(deals, mess), system, "csv")


@pytest.mark.parametrize(("system", "shape"), BOTH)
def test_the_same_id_twice_is_one_deal_and_one_rejected_row(system: str, shape: Shape) -> None:
    deals = samples(6, seed=25, currency="EUR")

    got = read(deals, system, shape, Mess(odd=("duplicate",)), currency="EUR")

    assert (got.n_rows, len(got.deals), len(got.rejected)) == (7, 6, 1)
    assert got.rejected[0].faults[0].fact == f"id '{deals[0].id}' is that of row 1 too"


@pytest.mark.parametrize(("system", "shape"), BOTH)
def test_an_unknown_stage_is_rejected_and_told_with_the_nearest(system: str, shape: Shape) -> None:
    deals = samples(6, seed=27, currency="EUR")

    got = read(deals, system, shape, Mess(odd=("unknown stage",)), currency="EUR")

    assert (got.n_rows, len(got.deals), len(got.rejected)) == (7, 6, 1)
    found = [finding for finding in got.findings if finding.code == "unknown-stage"]
    assert [finding.n_rows for finding in found] == [1]
    assert "is no stage of pipeline 'sales': it has '" in found[0].fact


@pytest.mark.parametrize("history", ["v1", "v2", "versions", "labels"])
def test_stages_of_the_past_are_read_from_the_columns_of_hubspot(history: Any) -> None:
    deals, shape = samples(18, seed=29, currency="EUR"), "csv" if history == "labels" else "json"
    mess = Mess(history=history)

    got = read(deals, "hubspot", shape, mess, currency="EUR")  # type: ignore[arg-type]

    assert got.rejected == ()
    for deal, one in zip(got.deals, deals, strict=True):
        visits = deal.history[0].visits  # type: ignore[union-attr]
        assert [(visit.stage, visit.entered_at) for visit in visits] == list(one.entries)


def test_an_ambiguous_column_is_asked_about_and_answered() -> None:
    # No day is after the twelfth: 3 April and 4 March are both written 3/4 or 4/3.
    early = [
        attrs.evolve(deal, created=datetime(2026, 4, 3, 9, tzinfo=UTC), closed=None, expected=None)
        for deal in samples(3, seed=31, currency="EUR")[:1]
    ]
    with pytest.raises(sf.errors.AmbiguousColumnError) as caught:
        read(early, "generic", "csv", Mess(dates="dmy"))
    assert caught.value.formats == ("dmy", "mdy")

    got = read(early, "generic", "csv", Mess(dates="dmy"), formats=Formats(dates="dmy"))

    assert got.deals[0].created_at == early[0].created


@pytest.mark.parametrize("dates", sorted(NAIVE))
def test_times_without_a_zone_ask_for_it(dates: str) -> None:
    with pytest.raises(sf.errors.NaiveDatetimeError):
        read(samples(6), "zoho", "csv", Mess(dates=dates), zone=None)
