"""Seats and invitations on a real database."""

from uuid import UUID, uuid4

import pytest
from sqlmodel import select

from app.core import audit
from app.core.actor import NOBODY, Actor
from app.core.database import Database
from app.core.mail import OutboxMessage
from app.core.refusals import NotAllowed, NotFound, Refused
from app.organisations import commands, queries
from app.organisations.models import Organisation, OrganisationSeat, SeatInvitation
from app.organisations.rules import INVITATION_LIFE, OrganisationKind, Role
from tests.conftest import Clock
from tests.factories import organisation, person, seated

INVITED = "ivy@example.org"


@pytest.fixture(autouse=True)
def _frozen(clock: Clock) -> None:
    """Time stands still in every test here."""


@pytest.fixture
def owner(db: Database) -> Actor:
    """Olive, the only owner of Alder Therapy."""
    with db.write() as session:
        where = organisation(session, OrganisationKind.PROVIDER, "Alder Therapy")
        return seated(session, where, Role.OWNER, name="Olive Owner")


def place(actor: Actor) -> UUID:
    return actor.seats[0].organisation_id


def member(db: Database, organisation_id: UUID, role: Role, name: str) -> Actor:
    with db.write() as session:
        return seated(session, organisation_id, role, name=name)


def somebody(db: Database, name: str = "Ivy Invited", email: str = INVITED) -> Actor:
    with db.write() as session:
        row = person(session, name)
        row.email = email
        return Actor(row.id, name, email)


def invite(db: Database, actor: Actor, role: Role = Role.BIDS, email: str = INVITED, where: UUID | None = None) -> str:
    with db.write() as session:
        return commands.invite(session, actor, organisation_id=where or place(actor), email=email, role=role)


def roles(db: Database, who: Actor) -> list[str]:
    with db.read() as session:
        return [seat.role for seat in queries.seats_of(session, who.known)]


def told(db: Database, record: UUID) -> list[str]:
    with db.read() as session:
        return [audit.sentence(event) for event in audit.timeline(session, record)]


@pytest.mark.row("1.5")
def test_invite_and_accept(db: Database, owner: Actor) -> None:
    token, ivy = invite(db, owner), somebody(db)
    with db.read() as session:
        row = session.exec(select(OutboxMessage)).one()
        assert (row.to_address, row.template, row.context["token"]) == (INVITED, "organisations/invitation.txt", token)
        offered = queries.invitation(session, token)
        assert (offered.organisation_name, offered.role, offered.invited_by) == (
            "Alder Therapy",
            Role.BIDS,
            "Olive Owner",
        )
        assert session.exec(select(SeatInvitation)).one().token_digest != token
    for _ in range(2):
        with db.write() as session:
            assert commands.accept_invitation(session, ivy, token) == place(owner)
    assert roles(db, ivy) == ["bids"]
    assert told(db, place(owner)) == [
        "Olive Owner invited ivy@example.org to be bids",
        "Ivy Invited accepted the invitation to be bids",
    ]


def test_an_invitation_is_for_its_address_for_a_while_until_withdrawn(db: Database, owner: Actor, clock: Clock) -> None:
    token, ivy, bob = invite(db, owner), somebody(db), somebody(db, "Bob Example", "bob@example.org")

    def refused(actor: Actor, token: str, code: str) -> None:
        with pytest.raises(Refused, match=code), db.write() as session:
            commands.accept_invitation(session, actor, token)

    refused(bob, token, "another_address")
    refused(ivy, "no such token", "dead_invitation")
    clock.forward(seconds=INVITATION_LIFE.total_seconds())
    refused(ivy, token, "dead_invitation")
    again = invite(db, owner)
    refused(ivy, token, "dead_invitation")
    with db.read() as session:
        waiting = queries.people(session, owner, place(owner)).waiting
    assert [w.email for w in waiting] == [INVITED], "the same invitation again is one invitation"
    for _ in range(2):
        with db.write() as session:
            commands.withdraw_invitation(session, owner, waiting[0].id)
    refused(ivy, again, "dead_invitation")
    assert roles(db, ivy) == []
    assert told(db, place(owner)).count("Olive Owner withdrew the invitation of ivy@example.org") == 1


def test_who_holds_a_role_is_not_invited_to_it_again(db: Database, owner: Actor) -> None:
    ivy = somebody(db)
    with db.write() as session:
        commands.accept_invitation(session, ivy, invite_in(session, owner))
    with pytest.raises(Refused, match="holds_it_already"):
        invite(db, owner)
    invite(db, owner, Role.DOCUMENTS)
    with pytest.raises(Refused, match="role_does_not_fit"):
        invite(db, owner, Role.COMMISSIONER)


def invite_in(session: object, actor: Actor) -> str:
    return commands.invite(session, actor, organisation_id=place(actor), email=INVITED, role=Role.BIDS)  # type: ignore[arg-type]


@pytest.mark.row("16.6")
def test_only_owners_and_administrators_manage_people(db: Database, owner: Actor) -> None:
    colleague = member(db, place(owner), Role.BIDS, "Bea Bids")
    with db.write() as session:
        elsewhere = organisation(session, OrganisationKind.PROVIDER, "Birch Therapy")
        stranger = seated(session, elsewhere, Role.OWNER, name="Omar Owner")
        platform = organisation(session, OrganisationKind.PLATFORM, "The service")
        staff = seated(session, platform, Role.ADMINISTRATOR, name="Ada Administrator")
    invite(db, owner)
    invite(db, staff, Role.AUDITOR)
    with db.read() as session:
        waiting = queries.people(session, owner, place(owner)).waiting[0].id
        seat = queries.people(session, owner, place(owner)).seats[0].id
        assert queries.people(session, colleague, place(owner)).waiting == ()
    for outsider, error in ((stranger, NotFound), (staff, NotFound), (colleague, NotAllowed), (NOBODY, NotFound)):
        with pytest.raises(error), db.write() as session:
            commands.invite(session, outsider, organisation_id=place(owner), email=INVITED, role=Role.BIDS)
        with pytest.raises(error), db.write() as session:
            commands.withdraw_invitation(session, outsider, waiting)
        with pytest.raises(error), db.write() as session:
            commands.end_seat(session, outsider, seat)
    for outsider in (stranger, staff, NOBODY):
        with pytest.raises(NotFound), db.read() as session:
            queries.people(session, outsider, place(owner))
    for command in (commands.withdraw_invitation, commands.end_seat):
        with pytest.raises(NotFound), db.write() as session:
            command(session, owner, uuid4())


@pytest.mark.row("1.5")
def test_the_last_owner_stays_and_an_ended_seat_is_kept(db: Database, owner: Actor) -> None:
    with db.read() as session:
        mine = queries.people(session, owner, place(owner)).seats[0].id
    with pytest.raises(Refused, match="last_manager"), db.write() as session:
        commands.end_seat(session, owner, mine)
    second = member(db, place(owner), Role.OWNER, "Oscar Owner")
    for _ in range(2):
        with db.write() as session:
            commands.end_seat(session, second, mine)
    assert roles(db, owner) == []
    with db.read() as session:
        assert session.get_one(OrganisationSeat, mine).ended_at
    assert told(db, place(owner)) == ["Oscar Owner ended the role owner of Olive Owner"]


def test_a_seat_is_given_once_where_it_fits_and_again_after_it_ended(db: Database, owner: Actor) -> None:
    ivy = somebody(db)

    def give(role: Role) -> UUID:
        with db.write() as session:
            return commands.give_seat(session, owner, person_id=ivy.known, organisation_id=place(owner), role=role)

    first = give(Role.BIDS)
    assert give(Role.BIDS) == first
    with pytest.raises(Refused, match="role_does_not_fit"):
        give(Role.CHAIR)
    with db.write() as session:
        commands.end_seat(session, owner, first)
    assert give(Role.BIDS) != first
    assert roles(db, ivy) == ["bids"]


def test_an_organisation_is_added(db: Database) -> None:
    with db.write() as session:
        added = commands.add_organisation(session, NOBODY, kind=OrganisationKind.LEAD, name="Test hub")
    with db.read() as session:
        assert session.get_one(Organisation, added).name == "Test hub"
        assert queries.names(session, [added, uuid4()]) == {added: "Test hub"}
        assert queries.names(session, []) == {}
    assert told(db, added) == ["The service added the organisation Test hub"]


def test_contacts_are_people_who_hold_a_role_now_each_once(db: Database, owner: Actor) -> None:
    with db.write() as session:
        both = seated(session, place(owner), Role.BIDS, Role.DOCUMENTS, name="Bea Both")
        gone = seated(session, place(owner), Role.BIDS, name="Gus Gone")
        for seat in session.exec(select(OrganisationSeat).where(OrganisationSeat.person_id == gone.known)):
            seat.ended_at = seat.given_at
    with db.read() as session:
        everybody = queries.contacts(session, place(owner))
        bidders = queries.contacts(session, place(owner), Role.BIDS, Role.DOCUMENTS)
    assert [contact.name for contact in everybody] == ["Bea Both", "Olive Owner"]
    assert [(contact.person_id, contact.email) for contact in bidders] == [(both.known, both.email)]


def test_the_first_of_an_organisation_is_invited_by_whoever_may_write_it_down(db: Database, owner: Actor) -> None:
    with db.write() as session:
        first, empty = person(session, "Fay First"), organisation(session, OrganisationKind.PROVIDER, "Nobody's")
        with pytest.raises(NotFound):
            commands.invite(session, owner, organisation_id=empty, email=first.email, role=Role.OWNER)
        token = commands.invite_first(session, owner, organisation_id=empty, email=first.email, role=Role.OWNER)
        commands.accept_invitation(session, Actor(first.id, first.name, first.email), token)
        seat = session.exec(select(OrganisationSeat).where(OrganisationSeat.organisation_id == empty)).one()
    assert (seat.person_id, seat.role) == (first.id, Role.OWNER)
