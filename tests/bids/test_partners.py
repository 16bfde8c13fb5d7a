"""Partners in a bid: asked by its lead, agreed to by their owners, and never rivals of it as well."""

from dataclasses import dataclass, replace
from datetime import timedelta
from uuid import UUID

import pytest
from bs4 import BeautifulSoup
from sqlmodel import Session, select
from starlette.datastructures import FormData

from app.bids.accuracy.queries import accuracy
from app.bids.accuracy.rules import Went
from app.bids.closing.queries import everybody_answered
from app.bids.commands import save_draft, start_bid, submit_bid, withdraw_bid
from app.bids.forms import LetterForm
from app.bids.letters.rules import Letter, Named, Partner
from app.bids.models import Bid, BidPartner
from app.bids.naming import practitioners
from app.bids.partnering.commands import answer_partnership, ask_partners
from app.bids.rules import Answer
from app.briefs.models import Brief
from app.core import audit, clock
from app.core.audit import AuditEvent, sentence
from app.core.database import Database
from app.core.mail import OutboxMessage
from app.core.refusals import NotFound, Refused
from app.evidence.models import EvidenceItem
from app.organisations.rules import Role
from app.providers.commands import start_consortium
from app.providers.models import Consortium, ConsortiumMember
from app.web.forms import parse
from tests import NOON, factories
from tests.bids.test_closing import _one_in_the_others_way
from tests.bids.test_seal import dump
from tests.conftest import ClientFor, Clock, Live
from tests.databases import Furniture, statements
from tests.factories import World
from tests.sealing import SEAL

PART = "canary-part-7733: the sessions with the parents"
ALONE = Letter("We listen.", "Ten years.", "Therapist of Alder Therapy", 250_000)
B_ALONE = replace(ALONE, practitioner="Therapist of Birch Therapy")


@pytest.fixture
def furniture() -> Furniture:
    return factories.world


@dataclass
class Stage:
    db: Database
    made: World
    brief_id: UUID
    bid_id: UUID
    letter: Letter

    def save(self, **changed: object) -> None:
        self.letter = replace(self.letter, **changed)  # type: ignore[arg-type]
        with self.db.write() as session:
            save_draft(session, self.made.owner_a, self.bid_id, self.letter, seal=SEAL)

    def asks(self, session: Session) -> None:
        ask_partners(session, self.made.owner_a, self.bid_id, seal=SEAL)

    def ask(self) -> UUID:
        assert _said(self.db, self.asks) == ""
        return self.ask_id

    def answer(self, answer: Answer) -> str:
        return _said(self.db, lambda s: answer_partnership(s, self.made.owner_b, self.ask_id, answer))

    @property
    def ask_id(self) -> UUID:
        with self.db.read() as session:
            return session.exec(select(BidPartner.id)).one()

    def submit(self) -> str:
        return _said(self.db, self.submits)

    def submits(self, session: Session) -> None:
        submit_bid(session, self.made.owner_a, self.bid_id, received_at=clock.now(session), seal=SEAL)


def _said(db: Database, act: object) -> str:
    """What a refusal said; nothing where it was done."""
    try:
        with db.write() as session:
            act(session)  # type: ignore[operator]
    except Refused as refused:
        return refused.refusal.code
    return ""


def _said_of_partners(page: str) -> str:
    return BeautifulSoup(page, "html.parser").select_one("section[aria-labelledby=partners]").get_text(" ", strip=True)


@pytest.fixture
def stage(db: Database, made: World) -> Stage:
    """Provider A leads a consortium that B has joined, and has a whole draft that names B as its partner."""
    with db.write() as session:
        brief_id = factories.brief(session, made)
        consortium = start_consortium(session, made.owner_a, made.provider_a, name="Alder and Birch")
        session.add(
            ConsortiumMember(
                consortium_id=consortium,
                provider_id=made.provider_b,
                known_as="Birch Therapy",
                invited_at=NOON,
                invited_by=made.owner_a.known,
                accepted_at=NOON,
                accepted_by=made.owner_b.known,
            )
        )
        bid_id = start_bid(session, made.owner_a, brief_id, made.provider_a)
    partner = Partner(made.provider_b, "Birch Therapy", 33, PART)
    found = Stage(db, made, brief_id, bid_id, replace(ALONE, practitioner="", partners=(partner,)))
    with db.read() as session:
        own = practitioners(session, made.provider_a)
    found.save(team=tuple(Named(id_, name, "The sessions with the children") for id_, name in own.items()))
    return found


@pytest.mark.row("1.7")
def test_a_partner_agrees_to_what_the_letter_says_before_it_is_sent(stage: Stage, clock: Clock) -> None:
    assert stage.submit() == "partner_consent", "not asked"
    stage.ask()
    assert stage.submit() == "partner_consent", "not answered"
    assert stage.answer(Answer.AGREE) == "" == stage.answer(Answer.AGREE)
    stage.save(partners=(replace(stage.letter.partners[0], share=34),))
    assert stage.submit() == "partner_consent", "agreed to another share"
    clock.forward(minutes=1)
    stage.ask()
    assert stage.submit() == "partner_consent", "asked anew"
    assert stage.answer(Answer.DECLINE) == ""
    assert stage.submit() == "partner_consent", "declined"
    assert stage.answer(Answer.AGREE) == "" == stage.submit()
    assert stage.answer(Answer.TAKE_BACK) == "submitted", "it stands with that agreement"
    stage.save(partners=(replace(stage.letter.partners[0], share=50),))
    clock.forward(minutes=1)
    assert _said(stage.db, stage.asks) == "stands", "asked anew, its consent would end under a bid that stands"
    with stage.db.read() as session:
        mails = session.exec(select(OutboxMessage).where(OutboxMessage.template == "bids/partner.txt")).all()
        assert [mail.context["lead"] for mail in mails] == ["Alder Therapy"] * 2
        words = [sentence(e) for e in session.exec(select(AuditEvent)) if e.name.startswith("bid.partner")]
        assert len(words) == 5 and all("Birch Therapy" in one and PART not in one for one in words)


@pytest.mark.row("1.7")
@pytest.mark.parametrize(
    ("typed", "share"), [("30", 30), ("30%", 30), ("30 %", 30), ("0%", None), ("%", None), ("3%0", None)]
)
def test_a_share_may_be_typed_with_its_sign(typed: str, share: int | None) -> None:
    form = parse(LetterForm, FormData({"seen": "x", "share_1": typed}))
    assert (form.value.share_1 if form.value else None, "share_1" in form.errors) == (share, share is None)


@pytest.mark.row("1.7")
@pytest.mark.invariant(1)
def test_nobody_bids_alone_and_as_a_partner(stage: Stage, db: Database, made: World) -> None:
    with db.write() as session:
        own = factories.submitted_bid(session, stage.brief_id, made.provider_b, made.owner_b, B_ALONE)
    stage.ask()
    assert stage.answer(Answer.AGREE) == "bids"
    assert stage.submit() == "partner_consent", "and no word of the bid that it has"
    with db.write() as session:
        withdraw_bid(session, made.owner_b, own, received_at=NOON)
    assert stage.answer(Answer.AGREE) == ""

    def alone(session: Session) -> None:
        submit_bid(session, made.owner_b, own, received_at=NOON, seal=SEAL)

    assert _said(db, alone) == "engaged"
    assert stage.submit() == ""
    with db.write() as session:
        withdraw_bid(session, made.owner_a, stage.bid_id, received_at=NOON)
    assert _said(db, alone) == "engaged", "that bid may come back, with the agreement that was given to it"
    assert stage.answer(Answer.TAKE_BACK) == ""
    assert _said(db, alone) == ""
    assert stage.submit() == "partner_consent"


@pytest.mark.row("1.7")
def test_who_leads_a_consortium_is_not_told_to_lead_one(
    stage: Stage, db: Database, made: World, client_for: ClientFor
) -> None:
    stage.save(partners=())

    def told() -> str:
        return _said_of_partners(client_for(made.owner_a).get(f"/bids/{stage.bid_id}").text)

    assert "Birch Therapy" in told()
    with db.write() as session:
        session.exec(
            select(ConsortiumMember).where(ConsortiumMember.provider_id == made.provider_b)
        ).one().left_at = NOON
    assert "Nobody else in the consortia that you lead can be a partner here" in told()
    with db.write() as session:
        session.exec(select(Consortium)).one().ended_at = NOON
    assert "You bid alone. To bid with others, lead a consortium" in told()


@pytest.mark.row("1.7")
def test_whoever_is_left_out_of_what_is_sent_is_free(stage: Stage, db: Database, made: World, clock: Clock) -> None:
    named = stage.letter.partners
    stage.ask()
    assert stage.answer(Answer.AGREE) == "" == stage.submit()
    stage.save(partners=())
    assert stage.answer(Answer.TAKE_BACK) == "submitted", "what is sent still names it"
    assert stage.submit() == ""
    with db.read() as session:
        assert session.exec(select(BidPartner)).all() == []
        told = [sentence(e) for e in audit.timeline(session, stage.bid_id) if e.name == "bid.partner_left_out"]
        [mail] = session.exec(select(OutboxMessage).where(OutboxMessage.template == "bids/left_out.txt")).all()
        assert mail.to_address == made.owner_b.email, "its owner alone"
        [brief] = session.exec(select(Brief.reference)).all()
        assert mail.context == {"lead": "Alder Therapy", "brief": brief}, "nothing of what was sent"
    assert len(told) == 1 and "without Birch Therapy" in told[0]
    clock.forward(minutes=1)
    stage.save(partners=named)
    stage.ask()
    assert [stage.answer(answer) for answer in (Answer.AGREE, Answer.TAKE_BACK)] == ["", ""], (
        "that bid does not name it"
    )
    with db.write() as session:
        factories.submitted_bid(session, stage.brief_id, made.provider_b, made.owner_b, B_ALONE)


def test_who_declined_is_not_told_when_it_is_left_out(stage: Stage, db: Database, made: World, clock: Clock) -> None:
    """It may bid against it, and would learn that the other has sent, and when."""
    stage.ask()
    assert stage.answer(Answer.DECLINE) == ""
    clock.forward(hours=3)
    stage.save(partners=())
    assert stage.submit() == ""
    with db.read() as session:
        assert session.exec(select(BidPartner)).all() == []
        assert session.exec(select(OutboxMessage).where(OutboxMessage.template == "bids/left_out.txt")).all() == []


@pytest.mark.bar("P6")
def test_asking_partners_and_leaving_one_out_ask_little(
    stage: Stage, db: Database, made: World, client_for: ClientFor, live: Live, monkeypatch: pytest.MonkeyPatch
) -> None:
    """In life: the look-up of the session and the clock count. Only on SQLite, where each row is a statement of its own and none
    is a round trip, is one over fifteen: a replacement that leaves a partner out.
    """
    monkeypatch.setattr(clock, "received", lambda session, arrived: NOON)
    client, counts = client_for(made.owner_a), dict[str, int]()
    live(client, made.owner_a)

    def post(name: str, path: str, status: int = 303, **data: str) -> None:
        with statements(db) as sent:
            assert client.post(f"/bids/{stage.bid_id}/{path}", data=data).status_code == status
        counts[name] = len(sent)

    post("ask", "partners")
    post("submit unanswered", "submit", 409, declared="true")
    assert stage.answer(Answer.AGREE) == ""
    post("submit with a partner", "submit", declared="true")
    stage.save(partners=())
    post("replace without it", "submit", declared="true")
    assert counts.pop("replace without it") <= (17 if db.engine.dialect.name == "sqlite" else 15)
    assert {name: count for name, count in counts.items() if count > 15} == {}


@pytest.mark.row("1.7")
def test_nobody_is_a_partner_in_two_bids_for_a_brief(stage: Stage, db: Database, made: World) -> None:
    stage.ask()
    with db.write() as session:
        lead = factories.active(session, factories.provider(session, "Cedar Therapy"))
        owner = factories.seated(session, lead, Role.OWNER, name="Cleo Owner")
        session.add(Bid(brief_id=stage.brief_id, provider_id=lead, started_at=NOON, started_by=owner.known))
        session.flush()
        other = factories.partnership(session, stage.brief_id, lead, made.provider_b, owner)

    def agree(ask_id: UUID) -> str:
        return _said(db, lambda s: answer_partnership(s, made.owner_b, ask_id, Answer.AGREE))

    with db.read() as session:
        first = session.exec(select(BidPartner.id).where(BidPartner.id != other)).one()
    assert (agree(first), agree(other)) == ("", "engaged")
    assert _said(db, lambda s: answer_partnership(s, made.owner_b, first, Answer.TAKE_BACK)) == "" == agree(other)


@pytest.mark.row("1.7")
@pytest.mark.parametrize("sent_first", [True, False])
def test_a_bid_is_sent_or_its_partner_leaves_it_never_both(stage: Stage, db: Database, sent_first: bool) -> None:
    asked = stage.ask()
    assert stage.answer(Answer.AGREE) == ""

    def leaves(session: Session) -> None:
        answer_partnership(session, stage.made.owner_b, asked, Answer.TAKE_BACK)

    acts = (stage.submits, leaves) if sent_first else (leaves, stage.submits)
    with pytest.raises(Refused):
        _one_in_the_others_way(db, *acts).result()


@pytest.mark.row("1.7")
def test_nobody_agrees_to_terms_they_did_not_read(
    stage: Stage, made: World, client_for: ClientFor, clock: Clock
) -> None:
    asked, client = stage.ask(), client_for(made.owner_b)
    page = BeautifulSoup(client.get("/partnerships").text, "html.parser")
    sent = {"seen": page.select_one("[name=seen]")["value"], "answer": "agree"}
    clock.forward(minutes=1)
    stage.save(partners=(replace(stage.letter.partners[0], share=5),))
    stage.ask()
    refused = client.post(f"/partnerships/{asked}", data=sent)
    assert refused.status_code == 409 and "asked anew" in refused.text and "5%" in refused.text
    again = BeautifulSoup(refused.text, "html.parser").select_one("[name=seen]")["value"]
    assert client.post(f"/partnerships/{asked}", data=sent | {"seen": again}).status_code == 303
    assert stage.submit() == ""


@pytest.mark.row("1.7")
def test_a_partner_is_asked_on_its_home_page_and_told_that_it_does_not_bid_alone(
    stage: Stage, db: Database, made: World, client_for: ClientFor
) -> None:
    client, words = client_for(made.owner_b), "has agreed to be a partner in another bid"
    there = f"/opportunities/{stage.brief_id}"
    stage.ask()
    assert "Agree or decline to be a partner in a bid of" in client.get("/").text
    offered = client.get(there).text
    assert "Start bid" in offered and "Not this time?" in offered
    assert stage.answer(Answer.AGREE) == ""
    assert not [said for said in ("Agree or decline", there) if said in client.get("/").text]
    page = client.get(there).text
    assert words in page and "Start bid" not in page and "Not this time?" not in page
    old = client.post(f"{there}/decline", data={"provider": str(made.provider_b), "reason": "full"})
    assert old.status_code == 409 and "takes that agreement back before you say" in old.text
    assert "If that bid is submitted, ask its lead to take it back first" in old.text
    assert BeautifulSoup(old.text, "html.parser").select_one(".portal-refusal a")["href"] == "/partnerships"
    with db.write() as session:
        own = start_bid(session, made.owner_b, stage.brief_id, made.provider_b)
    assert words in client.get(f"/bids/{own}/check").text, "before what its letter lacks"
    assert f"/bids/{own}" not in client.get("/").text


@pytest.mark.row("1.7")
def test_the_weakest_document_governs_and_who_left_is_no_partner(stage: Stage, db: Database, made: World) -> None:
    stage.ask()
    stage.answer(Answer.AGREE)
    with db.write() as session:
        for item in session.exec(select(EvidenceItem).where(EvidenceItem.provider_id == made.provider_b)):
            item.expires_on = NOON.date() - timedelta(days=1)
    assert stage.submit() == "partner_eligible"
    with db.write() as session:
        for item in session.exec(select(EvidenceItem).where(EvidenceItem.provider_id == made.provider_b)):
            item.expires_on = NOON.date() + timedelta(days=100)
        session.exec(
            select(ConsortiumMember).where(ConsortiumMember.provider_id == made.provider_b)
        ).one().left_at = NOON
    assert stage.submit() == "partner_consent"


@pytest.mark.row("1.7")
def test_an_invited_member_answers_as_a_partner_and_its_record_says_so(stage: Stage, db: Database, made: World) -> None:
    stage.ask()
    assert stage.answer(Answer.AGREE) == ""
    with db.read() as session:
        assert not everybody_answered(session, stage.brief_id), "a bid that is not sent is none of its partner's either"
    assert stage.submit() == ""
    with db.read() as session:
        assert everybody_answered(session, stage.brief_id)
    with db.write() as session:
        session.get_one(Brief, stage.brief_id).closes_at = NOON
        factories.opened(session, stage.brief_id, NOON + timedelta(minutes=5))
    with db.read() as session:
        assert [one.went for one in accuracy(session, made.owner_b, made.provider_b).asked] == [Went.PARTNER]


@pytest.mark.row("1.7")
def test_only_who_can_act_there_is_offered_and_asked(
    stage: Stage, db: Database, made: World, client_for: ClientFor
) -> None:
    client, bid = client_for(made.owner_a), f"/bids/{stage.bid_id}"
    before = client.get(f"{bid}/check").text
    assert "Ask them to agree" in before
    with db.write() as session:
        factories.submitted_bid(session, stage.brief_id, made.provider_b, made.owner_b, B_ALONE)
    assert _said_of_partners(client.get(f"{bid}/check").text) == _said_of_partners(before), (
        "nobody learns who else bids"
    )
    with db.write() as session:
        for item in session.exec(select(EvidenceItem).where(EvidenceItem.provider_id == made.provider_b)):
            item.expires_on = NOON.date() - timedelta(days=1)
    page = client.get(f"{bid}/check").text
    assert "Ask them to agree" not in page and "Take out who cannot act here today" in page
    refused = client.post(f"{bid}/partners")
    assert refused.status_code == 409 and "Birch Therapy cannot act here today" in refused.text, "as a submit says it"
    assert "expired" not in refused.text
    with db.read() as session:
        assert session.exec(select(BidPartner)).all() == []
    assert "Not asked yet It cannot act here today." in _said_of_partners(page) and "expired" not in page, "nor why not"
    offered = f'value="{made.provider_b}"'
    assert offered in client.get(bid).text, "a partner who is named stays to be seen"
    stage.save(partners=())
    assert offered not in client.get(bid).text


@pytest.mark.row("1.7")
@pytest.mark.invariant(1)
def test_only_the_two_know_and_the_part_is_nowhere_to_read(
    stage: Stage, db: Database, made: World, client_for: ClientFor
) -> None:
    with db.write() as session:
        reader = factories.seated(session, made.provider_b, Role.BIDS, name="Bo Bidder")
    asked = stage.ask()
    assert PART.encode() not in dump(db)
    owner = client_for(made.owner_b)
    assert PART in owner.get("/partnerships").text
    for person in (reader, made.owner_a, made.commissioner, made.chair, made.lead):
        client = client_for(person)
        assert PART not in client.get("/partnerships").text
        assert client.post(f"/partnerships/{asked}", data={"answer": "agree"}).status_code == 404
        with pytest.raises(NotFound), db.write() as session:
            answer_partnership(session, person, asked, Answer.AGREE)
    assert owner.post(f"/partnerships/{asked}", data={"answer": "agree"}).status_code == 303
    check = client_for(made.owner_a).get(f"/bids/{stage.bid_id}/check").text
    assert "Agreed" in _said_of_partners(check) and "Submit sealed bid" in check


@pytest.mark.bar("P6")
def test_a_page_with_partners_and_many_lines_asks_no_more(
    stage: Stage, db: Database, made: World, client_for: ClientFor
) -> None:
    stage.ask()
    for path in ("", "/check"):
        with statements(db) as sent:
            client_for(made.owner_a).get(f"/bids/{stage.bid_id}{path}")
        assert len(sent) <= 12, "\n".join(sent)
