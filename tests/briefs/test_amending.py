"""Changing a published brief: who may, what it does to the deadline and to bids, what everybody is told, and what is kept."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from typing import Any
from uuid import UUID

import pytest
from bs4 import BeautifulSoup
from sqlalchemy.exc import IntegrityError
from sqlmodel import Session, select

from app.briefs.amending import queries, rules
from app.briefs.amending.commands import drop_amendment, propose_amendment, publish_amendment
from app.briefs.amending.models import BriefAmendment
from app.briefs.amending.rules import Kind, Terms
from app.briefs.models import Brief
from app.briefs.rules import Phase, closing
from app.briefs.terms.rules import Delivery
from app.core.actor import Actor
from app.core.audit import timeline, verify
from app.core.database import Database, violates
from app.core.mail import OutboxMessage
from app.core.refusals import NotFound, Refused
from app.frameworks.models import Lot
from app.frameworks.rules import Mechanism
from app.organisations.rules import Role
from tests import NOON, factories
from tests.conftest import ClientFor, Clock
from tests.databases import Furniture
from tests.factories import World

CLOSES = NOON + timedelta(days=2)
TERMS = Terms("A title", "A need.", "An outcome.", 20, date(2027, 1, 31), 300_000, CLOSES)
LET_THROUGH = replace(TERMS, need="The course was run by Grace, and Tom came.")
"""A second person let both names through, in exactly this text."""
REASON = "We have learnt more from the school."


@pytest.fixture
def furniture() -> Furniture:
    return factories.world


@pytest.fixture
def brief_id(db: Database, made: World) -> UUID:
    with db.write() as session:
        return factories.brief(session, made, closes_at=CLOSES)


def _why_not_propose(**given: Any) -> str | None:
    known: dict[str, Any] = {
        "phase": Phase.OPEN,
        "waiting": False,
        "kind": Kind.MINOR,
        "old": TERMS,
        "new": replace(TERMS, need="Another need."),
        "reason": REASON,
    }
    refusal = rules.why_not_propose(**(known | given))
    return refusal.code if refusal else None


@pytest.mark.row("5.7")
@pytest.mark.parametrize(
    ("given", "code"),
    [
        ({}, None),
        ({"new": replace(TERMS, closes_at=CLOSES + timedelta(hours=2))}, None),
        ({"kind": Kind.MATERIAL, "new": replace(TERMS, sessions=30)}, None),
        *(({"phase": phase}, "draft" if phase is Phase.DRAFT else "closed") for phase in Phase if phase != Phase.OPEN),
        ({"waiting": True}, "waiting"),
        ({"stale": True}, "changed"),
        ({"new": replace(TERMS, closes_at=CLOSES - timedelta(milliseconds=1))}, "shorter"),
        ({"new": replace(TERMS, closes_at=closing(date(2026, 12, 6), 16))}, "humane"),
        ({"new": replace(TERMS, closes_at=closing(date(2026, 12, 25), 12))}, "humane"),
        ({"new": replace(TERMS, closes_at=closing(date(2026, 12, 7), 11))}, "humane"),
        ({"new": TERMS}, "nothing"),
        ({"new": replace(TERMS, sessions=30)}, "material"),
        ({"new": replace(TERMS, budget_pence=300_001)}, "material"),
        ({"new": replace(TERMS, start_by=date(2027, 2, 1))}, "material"),
        ({"new": replace(TERMS, delivery=Delivery.ONLINE)}, "material"),
        ({"kind": Kind.MATERIAL, "new": replace(TERMS, delivery=Delivery.ONLINE)}, None),
        ({"new": replace(TERMS, review_dates=(date(2027, 1, 31),))}, None),
        ({"new": replace(TERMS, review_dates=(date(2027, 1, 30),))}, "review"),
        ({"new": replace(TERMS, need="He was born on 3 March 2018.")}, "identifying"),
        ({"reason": "Ring us on 0113 496 0000 about it."}, "identifying"),
        ({"new": replace(TERMS, outcomes=" ")}, "missing"),
    ],
)
def test_what_may_be_proposed(given: dict[str, Any], code: str | None) -> None:
    assert _why_not_propose(**given) == code


@pytest.mark.parametrize(
    ("given", "code"),
    [
        ({"new": replace(LET_THROUGH, need=f"{LET_THROUGH.need} It is in the notes.")}, None),
        ({"new": replace(LET_THROUGH, outcomes="Tom, who was taken from his mother, sleeps at home.")}, "identifying"),
        ({"new": replace(LET_THROUGH, title="For Tom"), "reason": REASON}, "identifying"),
        ({"new": replace(LET_THROUGH, title="More"), "reason": "Tom has moved, so more is wanted."}, "identifying"),
    ],
)
def test_what_was_let_through_in_one_text_is_let_through_in_no_other(given: dict[str, Any], code: str | None) -> None:
    assert _why_not_propose(old=LET_THROUGH, **given) == code


@pytest.mark.parametrize(
    ("given", "code"),
    [
        ({}, None),
        ({"need": "A girl aged 7 in Otley cannot sleep."}, "identifying"),
        ({"need": "A girl aged 7 cannot sleep.", "near": "Otley"}, "identifying"),
        ({"others": [("question 1", "How do you help a girl aged 7 in Otley?")]}, "identifying"),
        ({"reason": "We have learnt that the girl is aged 7.", "near": "Otley"}, "identifying"),
    ],
)
def test_a_change_is_read_beside_the_whole_brief_as_its_draft_was(given: dict[str, Any], code: str | None) -> None:
    new = replace(TERMS, outcomes="She uses a wheelchair at home.", need=given.pop("need", TERMS.need))
    assert _why_not_propose(new=new, **given) == code


@pytest.mark.row("5.7")
@pytest.mark.parametrize(
    ("kind", "closes_at", "expected"),
    [
        (Kind.MINOR, CLOSES, CLOSES),
        (Kind.MATERIAL, CLOSES, closing(date(2026, 11, 30), 12)),
        (Kind.MATERIAL, closing(date(2026, 11, 25), 16), closing(date(2026, 11, 30), 16)),
        (Kind.MATERIAL, datetime(2026, 11, 25, 9, 13, tzinfo=UTC), closing(date(2026, 11, 30), 12)),
        (Kind.MATERIAL, closing(date(2026, 11, 30), 10), closing(date(2026, 11, 30), 10)),
        (Kind.MATERIAL, closing(date(2027, 1, 8), 10), closing(date(2027, 1, 8), 10)),
    ],
)
def test_a_material_change_leaves_five_working_days_and_nothing_is_shortened(
    kind: Kind, closes_at: datetime, expected: datetime
) -> None:
    assert rules.deadline(kind, closes_at, NOON) == expected


@pytest.mark.parametrize(
    ("moment", "expected"),
    [
        (closing(date(2026, 11, 23), 12), closing(date(2026, 11, 23), 12)),
        (closing(date(2026, 11, 23), 12) + timedelta(seconds=1), closing(date(2026, 11, 23), 14)),
        (closing(date(2026, 11, 23), 16) + timedelta(seconds=1), closing(date(2026, 11, 24), 10)),
        (closing(date(2026, 11, 27), 16) + timedelta(seconds=1), closing(date(2026, 11, 30), 10)),
        (closing(date(2026, 12, 24), 16) + timedelta(seconds=1), closing(date(2026, 12, 29), 10)),
        (closing(date(2026, 7, 1), 10), closing(date(2026, 7, 1), 10)),
    ],
)
def test_a_humane_hour_is_a_closing_hour_of_a_working_day(moment: datetime, expected: datetime) -> None:
    assert rules.next_humane_hour(moment) == expected


@pytest.mark.row("5.7")
@pytest.mark.invariant(12)
def test_a_material_change_makes_a_version_moves_the_deadline_and_tells_all_at_once(
    db: Database, made: World, brief_id: UUID
) -> None:
    with db.write() as session:
        amendment_id = factories.amendment(session, made, brief_id, Kind.MATERIAL, sessions=30)
    assert _brief(db, brief_id).version == 1
    for _ in range(2):
        with db.write() as session:
            publish_amendment(session, made.approver, brief_id, amendment_id)
    brief = _brief(db, brief_id)
    assert (brief.sessions, brief.version, brief.material_version) == (30, 2, 2)
    assert brief.closes_at == closing(date(2026, 11, 30), 12)
    with db.read() as session:
        (version,) = queries.published(session, brief_id)
        assert [(one.label, one.old, one.new) for one in version.changes] == [
            ("Sessions", "20", "30"),
            (
                "Closes",
                "Wednesday 25 November 2026 at 12:00, London time",
                "Monday 30 November 2026 at 12:00, London time",
            ),
        ]
        letters = session.exec(select(OutboxMessage)).all()
        assert {(letter.template, letter.to_address) for letter in letters} == {
            ("briefs/waits.txt", made.approver.email),
            ("briefs/amended.txt", made.owner_a.email),
            ("briefs/amended.txt", made.owner_b.email),
        }
        assert "siblings" not in str([letter.context for letter in letters])
        assert [event.name for event in timeline(session, brief_id)] == ["brief.amendment_proposed", "brief.amended"]
        assert list(verify(session)) == []


@pytest.mark.row("5.7")
def test_a_minor_change_and_an_extension_leave_bids_as_they_are(db: Database, made: World, brief_id: UUID) -> None:
    later = CLOSES + timedelta(days=1)
    for changed in ({"need": "Two siblings cannot sleep."}, {"closes_at": later}):
        with db.write() as session:
            factories.amended(session, made, brief_id, Kind.MINOR, **changed)
    brief = _brief(db, brief_id)
    assert (brief.version, brief.material_version, brief.closes_at) == (3, 1, later)


@pytest.mark.row("5.7")
def test_a_change_takes_two_people_of_the_agency(db: Database, made: World, brief_id: UUID) -> None:
    with db.write() as session:
        both = factories.seated(session, made.raa_id, Role.COMMISSIONER, Role.APPROVER, name="Bo Both")
    outsiders = (made.approver, made.chair, made.owner_a, made.other_commissioner, made.lead)
    for actor in outsiders:
        with pytest.raises(NotFound), db.write() as session:
            _propose(session, actor, brief_id)
    with db.write() as session:
        amendment_id = _propose(session, both, brief_id)
    for actor in (made.commissioner, made.chair, made.owner_a, made.other_commissioner, made.lead):
        with pytest.raises(NotFound), db.write() as session:
            publish_amendment(session, actor, brief_id, amendment_id)
    with pytest.raises(Refused) as no, db.write() as session:
        publish_amendment(session, both, brief_id, amendment_id)
    assert no.value.refusal.code == "second_person"
    with pytest.raises(IntegrityError) as error, db.write() as session:
        row = session.get_one(BriefAmendment, amendment_id)
        row.version, row.published_at, row.published_by = 2, NOON, both.known
    assert violates(error.value, "ck_brief_amendment_two_people")


def test_one_change_waits_at_a_time_until_it_is_dropped(db: Database, made: World, brief_id: UUID) -> None:
    with db.write() as session:
        first = _propose(session, made.commissioner, brief_id)
    with pytest.raises(Refused) as no, db.write() as session:
        _propose(session, made.commissioner, brief_id)
    assert no.value.refusal.code == "waiting"
    for _ in range(2):
        with db.write() as session:
            drop_amendment(session, made.approver, brief_id, first)
    assert _refused(db, made.approver, brief_id, first) == "over"
    with db.write() as session:
        _propose(session, made.commissioner, brief_id)
    assert _brief(db, brief_id).version == 1


def test_what_waits_is_stale_after_another_version_and_late_after_the_close(
    db: Database, made: World, brief_id: UUID, clock: Clock
) -> None:
    with db.write() as session:
        waiting = _propose(session, made.commissioner, brief_id)
        session.get_one(Brief, brief_id).version = 2
    assert _refused(db, made.approver, brief_id, waiting) == "changed"
    with db.write() as session:
        session.get_one(Brief, brief_id).version = 1
    clock.set(CLOSES)
    assert _refused(db, made.approver, brief_id, waiting) == "closed"


def test_the_work_starts_after_the_deadline_also_when_that_moves(db: Database, made: World, brief_id: UUID) -> None:
    with db.write() as session:
        session.get_one(Brief, brief_id).start_by = date(2026, 11, 28)
        waiting = factories.amendment(session, made, brief_id, Kind.MATERIAL, sessions=30)
    assert _refused(db, made.approver, brief_id, waiting) == "start"


@pytest.mark.row("5.7")
def test_the_pages_show_what_was_there_before_and_what_is_there_now(
    db: Database, made: World, brief_id: UUID, client_for: ClientFor
) -> None:
    commissioner, approver, member = (client_for(one) for one in (made.commissioner, made.approver, made.owner_a))
    form = {
        "version": "1",
        "kind": "minor",
        "reason": REASON,
        "title": "Therapy for two siblings",
        "need": "Two siblings find it hard to sleep.",
        "outcomes": "They sleep.",
        "sessions": "20",
        "start_by-day": "31",
        "start_by-month": "1",
        "start_by-year": "2027",
        "budget": "3,500",
        "closing_hour": "12",
    }
    page = f"/briefs/{brief_id}/amend"
    assert 'name="version" value="1"' in commissioner.get(page).text
    assert commissioner.post(page, data=form | {"reason": ""}).status_code == 422
    assert commissioner.post(page, data={**form, "version": ""}).status_code == 422
    old = commissioner.post(page, data={**form, "version": "0"})
    assert (old.status_code, "has changed since you opened this page" in old.text) == (409, True)
    assert 'name="version" value="0"' in old.text, "what was typed stays, and stays refused"
    refused = commissioner.post(page, data=form)
    assert (refused.status_code, "Bidders price and plan by this: budget" in refused.text) == (409, True)
    assert "They sleep." in refused.text, "what was typed stays"
    assert commissioner.post(page, data=form | {"budget": "3,000"}).status_code == 303
    changes = f"/briefs/{brief_id}/changes"
    assert "Publish the change" not in commissioner.get(changes).text
    assert "A change waits for an approver" in commissioner.get(f"/briefs/{brief_id}").text
    assert "find it hard to sleep" not in member.get(f"/opportunities/{brief_id}").text
    button = BeautifulSoup(approver.get(changes).text, "html.parser").find(
        "button", string="Publish the change and tell all invited"
    )
    assert button
    assert approver.post(button.find_parent("form")["action"]).status_code == 303
    for client, path in ((member, f"/opportunities/{brief_id}"), (commissioner, f"/briefs/{brief_id}")):
        rows = BeautifulSoup(client.get(path).text, "html.parser").select("section[aria-labelledby=version-2] tbody tr")
        assert [[cell.get_text() for cell in row.select("th, td")] for row in rows] == [
            ["Need", "Two siblings find it hard to feel safe at home after several moves.", form["need"]],
            ["Outcomes wanted", "They feel safer and sleep better.", form["outcomes"]],
        ]


@pytest.mark.row("5.7")
def test_what_the_guard_finds_in_a_change_is_said_once_at_its_field(
    db: Database, made: World, brief_id: UUID, client_for: ClientFor
) -> None:
    commissioner, page = client_for(made.commissioner), f"/briefs/{brief_id}/amend"
    form = _form(commissioner.get(page).text) | {
        "need": "Oliver cannot sleep. Oliver wakes.",
        "reason": f"{REASON} Oliver.",
    }
    refused = commissioner.post(page, data=form)
    shown = BeautifulSoup(refused.text, "html.parser")
    words = "“Oliver” looks like a name. Say “the child” or “the older sibling”."
    assert (refused.status_code, shown.title.text.startswith("Error: Change published brief")) == (422, True)
    assert shown.select_one(".govuk-error-summary__title").text.strip() == "There is a problem"
    assert [(one["href"], one.text) for one in shown.select(".govuk-error-summary a")] == [
        ("#reason", f"In the reason: {words}"),
        ("#need", f"In the need: {words}"),
    ]
    assert not shown.select(".portal-refusal") and "Oliver wakes." in shown.select_one("#need").text


def test_what_a_text_that_stays_then_gives_away_is_said_at_the_one_that_changed() -> None:
    new, others = (
        replace(TERMS, need="A girl aged 7 in Otley."),
        [("question 1", "How do you help who uses a wheelchair?")],
    )
    refusal = rules.why_not_propose(
        phase=Phase.OPEN, waiting=False, kind=Kind.MINOR, old=TERMS, new=new, reason=REASON, others=others
    )
    assert refusal and [name for name, _ in refusal.at] == ["need"]
    assert refusal.words.startswith("In question 1: “wheelchair” looks like something few families have")


@pytest.mark.row("5.7")
def test_delivery_and_review_dates_change_and_what_waited_from_before_leaves_them(
    db: Database, made: World, brief_id: UUID, client_for: ClientFor
) -> None:
    commissioner, page = client_for(made.commissioner), f"/briefs/{brief_id}/amend"
    with db.write() as session:
        brief = session.get_one(Brief, brief_id)
        brief.delivery, brief.review_dates = "in_person", ["2027-03-01"]
    began = commissioner.get(page).text
    form, shown = _form(began) | {"kind": "material"}, BeautifulSoup(began, "html.parser")
    assert (form["review_1-day"], form["review_2-day"]) == ("1", "")
    assert shown.select_one("input[name=delivery][checked]")["value"] == "in_person"
    new = {"delivery": "online", "review_2-day": "1", "review_2-month": "6", "review_2-year": "2027"}
    assert commissioner.post(page, data=form | new).status_code == 303
    with db.write() as session:
        waiting = session.exec(select(BriefAmendment)).one()
        publish_amendment(session, made.approver, brief_id, waiting.id)
    brief = _brief(db, brief_id)
    assert (brief.delivery, brief.review_dates, brief.material_version) == ("online", ["2027-03-01", "2027-06-01"], 2)
    told = " ".join(commissioner.get(f"/briefs/{brief_id}/changes").text.split())
    assert "In person</td>" in told and "1 March 2027 1 June 2027</td>" in told
    with db.write() as session:
        old = session.get_one(BriefAmendment, factories.amendment(session, made, brief_id, need="They cannot sleep."))
        old.terms = {name: value for name, value in old.terms.items() if name not in ("delivery", "review_dates")}
        old_id = old.id
    with db.write() as session:
        publish_amendment(session, made.approver, brief_id, old_id)
    brief = _brief(db, brief_id)
    assert (brief.need, brief.delivery, len(brief.review_dates)) == ("They cannot sleep.", "online", 2)


def test_how_many_is_counted_in_the_unit_of_the_lot(
    db: Database, made: World, brief_id: UUID, client_for: ClientFor
) -> None:
    with db.write() as session:
        session.get_one(Lot, session.get_one(Brief, brief_id).lot_id).price_unit = "hour"
        factories.amended(session, made, brief_id, Kind.MATERIAL, sessions=30)
    commissioner = client_for(made.commissioner)
    assert "Number of hours" in commissioner.get(f"/briefs/{brief_id}/amend").text
    for client, path in ((client_for(made.owner_a), "opportunities"), (commissioner, "briefs")):
        page = BeautifulSoup(client.get(f"/{path}/{brief_id}").text, "html.parser")
        assert "Hours" in commissioner.get(f"/briefs/{brief_id}/changes").text
        assert page.select_one("section[aria-labelledby=version-2] tbody th").text == "Hours"


@pytest.mark.row("5.7")
@pytest.mark.parametrize(
    ("funding", "was", "changed", "code"),
    [
        (["fund"], 300_000, {"budget_pence": 330_000}, "above_limit"),
        (["fund"], 300_000, {"budget_pence": 300_000, "sessions": 30}, None),
        (["fund"], 350_000, {"budget_pence": 320_000}, None),
        (["fund"], 250_000, {"budget_pence": 300_000}, None),
        (["fund", "authority"], 300_000, {"budget_pence": 330_000}, None),
        (["authority"], 300_000, {"budget_pence": 3_000_000}, None),
        (["authority"], 300_000, {"budget_pence": 3_000_001}, "two_approvers"),
        (["authority"], 4_000_000, {"budget_pence": 4_100_000}, "two_approvers"),
        (["authority"], 4_000_000, {"budget_pence": 3_500_000}, None),
        (["fixed"], 300_000, {"budget_pence": 299_999}, "budget_below_fixed"),
    ],
)
def test_a_budget_is_raised_to_no_more_than_a_change_can_record(
    db: Database, made: World, brief_id: UUID, funding: list[str], was: int, changed: dict[str, int], code: str | None
) -> None:
    with db.write() as session:
        brief = session.get_one(Brief, brief_id)
        brief.budget_pence, brief.fund_limit_pence, brief.funding = was, 300_000, funding
        if funding == ["fixed"]:
            brief.funding, session.get_one(Lot, brief.lot_id).mechanism = ["authority"], Mechanism.FIXED_PRICE
    assert _refused_to_propose(db, made, brief_id, **changed) == code
    with db.write() as session:
        waiting = session.get_one(BriefAmendment, factories.amendment(session, made, brief_id))
        waiting.kind, waiting.terms, waiting_id = Kind.MATERIAL, waiting.terms | changed, waiting.id
    if code:
        assert _refused(db, made.approver, brief_id, waiting_id) == code
        assert _brief(db, brief_id).budget_pence == was
    else:
        with db.write() as session:
            publish_amendment(session, made.approver, brief_id, waiting_id)
        assert _brief(db, brief_id).budget_pence == changed["budget_pence"]


@pytest.mark.row("5.7")
def test_a_raise_is_refused_in_words_and_advised_upon(
    db: Database, made: World, brief_id: UUID, client_for: ClientFor
) -> None:
    with db.write() as session:
        brief = session.get_one(Brief, brief_id)
        brief.fund_limit_pence, brief.funding = 300_000, ["fund"]
    commissioner, page = client_for(made.commissioner), f"/briefs/{brief_id}/amend"
    raised = _form(commissioner.get(page).text) | {"kind": "material", "budget": "3,300"}
    refused = commissioner.post(page, data=raised)
    assert refused.status_code == 409 and "Select who pays" not in refused.text
    assert (
        "The Fund can pay all but £300.00 of this budget, and a change cannot record who pays the rest: leave the budget as it "
        "is, or cancel this brief, copy it, and publish the copy."
    ) in refused.text
    with db.write() as session:
        session.get_one(Brief, brief_id).funding = ["fund", "authority"]
    assert commissioner.post(page, data=raised).status_code == 303
    notes = BeautifulSoup(client_for(made.approver).get(f"/briefs/{brief_id}/changes").text, "html.parser")
    said = notes.select_one("section[aria-labelledby=waiting]").text
    assert (
        "The lot allows less: 20 × £150.00" in said
        and "£300.00 of this budget: that much at least is the council’s own" in said
    )


def test_a_draft_cannot_be_changed_this_way(db: Database, made: World, client_for: ClientFor) -> None:
    with db.write() as session:
        draft = factories.brief(session, made, published_at=None)
    assert client_for(made.commissioner).get(f"/briefs/{draft}/amend").status_code == 409


def test_the_area_of_the_brief_is_read_with_its_change(db: Database, made: World, brief_id: UUID) -> None:
    with db.write() as session:
        session.get_one(Brief, brief_id).area = "Otley"
    with pytest.raises(Refused) as no, db.write() as session:
        factories.amendment(session, made, brief_id, Kind.MINOR, need="A girl aged 7, who uses a wheelchair.")
    assert no.value.refusal.code == "identifying"


@pytest.mark.parametrize("phase", list(Phase))
def test_nothing_is_published_of_a_brief_that_is_not_open(phase: Phase) -> None:
    refusal = rules.why_not_publish(
        phase=phase, author=False, based_on=1, version=1, start_by=date(2027, 1, 31), was=CLOSES, closes_at=CLOSES
    )
    assert (refusal is None) == (phase is Phase.OPEN)


def test_no_deadline_is_published_that_falls_on_a_sunday() -> None:
    refusal = rules.why_not_publish(
        phase=Phase.OPEN,
        author=False,
        based_on=1,
        version=1,
        start_by=date(2027, 1, 31),
        was=CLOSES,
        closes_at=closing(date(2026, 12, 6), 16),
    )
    assert refusal and refusal.code == "humane"


def _form(page: str) -> dict[str, str]:
    """What the page of a change would send of a minor one."""
    shown = BeautifulSoup(page, "html.parser")
    typed = {one["name"]: one.get("value", "") for one in shown.select("form[method=post] input[type!=radio]")}
    typed |= {one["name"]: one.text.strip() for one in shown.select("textarea")}
    return typed | {"kind": "minor", "reason": REASON, "closing_hour": "12"}


def _propose(session: Session, actor: Actor, brief_id: UUID) -> UUID:
    brief = session.get_one(Brief, brief_id)
    terms = replace(queries.terms_of(brief), need="Two siblings cannot sleep.")
    return propose_amendment(session, actor, brief_id, Kind.MINOR, terms, REASON)


def _refused_to_propose(db: Database, made: World, brief_id: UUID, **changed: Any) -> str | None:
    """Why not; what may be proposed is dropped again."""
    try:
        with db.write() as session:
            row_id = factories.amendment(session, made, brief_id, Kind.MATERIAL, **changed)
    except Refused as no:
        return no.refusal.code
    with db.write() as session:
        drop_amendment(session, made.approver, brief_id, row_id)
    return None


def _refused(db: Database, actor: Actor, brief_id: UUID, amendment_id: UUID) -> str:
    with pytest.raises(Refused) as no, db.write() as session:
        publish_amendment(session, actor, brief_id, amendment_id)
    return no.value.refusal.code


def _brief(db: Database, brief_id: UUID) -> Brief:
    with db.read() as session:
        return session.get_one(Brief, brief_id)
