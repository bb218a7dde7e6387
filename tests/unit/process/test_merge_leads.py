"""Leads that turned out to be one become one, and count so from then on."""

from datetime import UTC, date, datetime, timedelta

import pytest

from salesflow import Deal, Lead, LeadProcess, Pipeline, errors, facts, merge, metrics
from salesflow.models.past import Cut, as_of

LEADS, SALES = LeadProcess.standard(), Pipeline.standard()
T0 = datetime(2026, 1, 5, 9, tzinfo=UTC)
DAY = timedelta(days=1)


def opened(identity, **fields):
    return LEADS.open("Kim", id=identity, at=T0, **fields)


def converted(identity, deal_id):
    lead = opened(identity)
    while lead.stage != "qualified":
        lead = LEADS.advance(lead, at=T0)
    return LEADS.convert(lead, SALES, id=deal_id, at=T0).lead


def disqualified(identity):
    return LEADS.disqualify(opened(identity), "no budget", at=T0)


def refused(error, match, *leads, **options):
    written = [lead.model_dump_json() for lead in leads]
    with pytest.raises(error, match=match) as caught:
        merge(*leads, **options)
    assert [lead.model_dump_json() for lead in leads] == written
    return caught.value


def test_the_first_survives_and_its_history_holds_the_others_whole():
    keep, other = opened("L-1", source="fair"), disqualified("L-2")
    lead = merge(keep, other, at=T0 + DAY, by="kim")
    event = lead.history[-1]
    assert (event.type, event.leads, event.deals, event.by) == ("merged", (other,), (), "kim")
    assert (lead.id, lead.aliases, lead.version, lead.outcome) == ("L-1", ("L-2",), 2, "open")
    assert Lead.model_validate_json(lead.model_dump_json()) == lead


def test_blanks_are_not_filled():
    other = opened("L-2", owner_id="lee", source="fair", custom={"email": "kim@acme.example"})
    lead = merge(opened("L-1"), other, at=T0)
    assert (lead.owner_id, lead.source, dict(lead.custom)) == (None, None, {})


def test_aliases_of_the_others_come_along():
    other = merge(opened("L-2"), opened("L-3"), opened("L-4"), at=T0)
    assert merge(opened("L-1"), other, at=T0).aliases == ("L-2", "L-3", "L-4")


def test_nothing_to_merge_is_no_event():
    lead = opened("L-1")
    assert merge(lead) is lead


def test_an_open_one_may_vanish_into_a_converted_one():
    lead = merge(converted("L-1", "D-1"), opened("L-2"), at=T0)
    assert (lead.outcome, lead.deal_id) == ("converted", "D-1")


def test_leads_of_one_deal_may_be_merged():
    one, two = converted("L-1", "D-1"), converted("L-2", "D-1")
    assert merge(one, two, at=T0).deal_id == "D-1"
    unknown = LEADS.restore(id="L-3", stage="converted")
    assert merge(one, unknown, at=T0).aliases == ("L-3",)
    assert merge(unknown, LEADS.restore(id="L-4", stage="converted"), at=T0).aliases == ("L-4",)


def test_leads_that_became_different_deals_are_refused_by_name():
    leads = opened("L-0"), converted("L-1", "D-1"), converted("L-2", "D-2")
    error = refused(errors.MergeError, "cannot merge", *leads, at=T0)
    assert error.message == (
        "cannot merge lead 'L-1' and lead 'L-2': one became deal 'D-1', the other deal 'D-2'"
    )
    assert error.hint == "keep both, each with its deal; the deals may be merged."
    assert (error.deal_id, error.other_id) == ("L-1", "L-2")


@pytest.mark.parametrize("reverse", [False, True])
def test_different_outcomes_are_refused_by_name(reverse):
    leads = [converted("L-1", "D-1"), disqualified("L-2")]
    error = refused(errors.MergeError, "cannot merge", *leads[:: -1 if reverse else 1], at=T0)
    assert error.message == (
        "cannot merge lead 'L-1' and lead 'L-2': one was converted, the other disqualified"
    )
    assert error.hint == "requalify the wrong one first."


@pytest.mark.parametrize(
    "other",
    [
        converted("L-2", "D-1"),
        LEADS.restore(id="L-2", stage="converted"),
        LEADS.restore(id="L-2", stage="nurturing", deal_id="D-1"),
    ],
)
def test_a_conversion_may_not_vanish(other):
    error = refused(errors.MergeError, "its conversion would vanish", opened("L-1"), other, at=T0)
    assert error.message.startswith("cannot merge lead 'L-2' into lead 'L-1': ")
    assert (error.deal_id, error.other_id) == ("L-1", "L-2")
    assert merge(other, opened("L-1"), at=T0).aliases == ("L-1",)


def test_a_deal_may_not_vanish_into_a_lead_whose_deal_is_unknown():
    keep = LEADS.restore(id="L-1", stage="converted")
    refused(errors.MergeError, "its conversion would vanish", keep, converted("L-2", "D"), at=T0)


def test_an_id_twice_or_beside_its_alias_is_refused():
    error = refused(
        errors.MergeError, "lead 'L-1': it is there twice", opened("L-1"), opened("L-1")
    )
    assert (error.deal_id, error.other_id) == ("L-1", "L-1")
    keep = merge(opened("L-1"), opened("L-2"), at=T0)
    refused(errors.MergeError, "lead 'L-2': it is there twice", keep, opened("L-2"))
    refused(errors.MergeError, "lead 'L-2': it is there twice", keep, keep.history[-1].leads[0])


def test_before_the_last_event_of_any_is_refused():
    later = LEADS.advance(opened("L-2"), at=T0 + DAY)
    error = refused(errors.EventOrderError, "of lead 'L-2'", opened("L-1"), later, at=T0)
    assert error.last_at == T0 + DAY


def test_merges_may_be_nested_sixteen_deep():
    lead = opened("L-00")
    for number in range(1, 17):
        lead = merge(opened(f"L-{number:02}"), lead, at=T0)
    assert Lead.model_validate_json(lead.model_dump_json()) == lead
    refused(errors.MergeError, "are 16 deep already", opened("L-99"), lead, at=T0)


def test_deals_and_leads_do_not_mix():
    deal = SALES.open("Acme", id="D-1", at=T0)
    for pair in [(deal, opened("L-1")), (opened("L-1"), deal)]:
        error = refused(errors.OptionError, "cannot merge (lead 'L-1'|deal 'D-1'): it is no", *pair)
        assert error.value is pair[1]


@pytest.mark.parametrize(("model", "kind"), [(Lead, "deals"), (Deal, "leads")])
def test_a_stored_merge_of_deals_with_leads_does_not_load(model, kind):
    records = {Lead: opened("X-1"), Deal: SALES.open("Acme", id="X-1", at=T0)}
    stored = merge(
        records[model],
        type(records[model]).model_validate_json(
            records[model].model_dump_json().replace("X-1", "X-2")
        ),
        at=T0,
    ).model_dump(mode="json")
    other = next(record for name, record in records.items() if name is not model)
    stored["history"][1][kind] = [other.model_dump(mode="json")]
    with pytest.raises(ValueError, match="event 'X-1:2' merges deals and leads"):
        model.model_validate(stored)


class TestNumbers:
    """A merged lead counts once after, and twice before."""

    AT = T0 + 10 * DAY
    KEEP = opened("L-1", source="fair")
    OTHER = LEADS.open("Kim", id="L-2", source="web", at=T0 + DAY)
    LEAD = merge(KEEP, OTHER, at=AT)
    BEFORE, AFTER = AT - timedelta(microseconds=1), AT

    def test_before_both_are_given_back(self):
        assert as_of(self.LEAD, Cut(self.BEFORE)) == [self.KEEP, self.OTHER]
        assert as_of(self.LEAD, Cut(self.AFTER)) == [self.LEAD]
        assert as_of(self.LEAD, Cut(T0)) == [self.KEEP]

    def test_by_the_day_alone(self):
        lead = merge(self.KEEP, self.OTHER, at=date(2026, 1, 15))
        assert len(as_of(lead, Cut(datetime(2026, 1, 14, 23, 59, tzinfo=UTC)))) == 2
        assert len(as_of(lead, Cut(datetime(2026, 1, 15, 0, 0, tzinfo=UTC)))) == 1

    def test_in_the_table_of_leads(self):
        assert facts.lead_columns([self.LEAD], at=self.BEFORE)["lead_id"] == ["L-1", "L-2"]
        assert facts.lead_columns([self.LEAD], at=self.AFTER)["lead_id"] == ["L-1"]
        assert facts.lead_columns([self.LEAD])["source"] == ["fair"]

    def test_in_metrics(self):
        def count(at):
            return metrics.new_leads([self.LEAD], as_of=at)

        assert [count(at).n for at in (T0, self.BEFORE, self.AFTER)] == [1, 2, 1]
        by_source = metrics.new_leads([self.LEAD], by="source", as_of=self.BEFORE)
        assert {source: row.n for source, row in by_source.items()} == {"fair": 1, "web": 1}

    def test_beside_its_alias_it_is_refused(self):
        with pytest.raises(errors.OptionError, match="lead 'L-2': it is there twice"):
            metrics.new_leads([self.LEAD, self.OTHER])
