"""One of everything: a world in which every door of the house has something to show, made through the house's own commands."""

from dataclasses import dataclass
from datetime import timedelta
from uuid import UUID, uuid4

from sqlmodel import Session

from app.bids import commands as bids
from app.briefs.alerts.commands import save_alert
from app.briefs.alerts.rules import Often
from app.briefs.calendar.commands import make_calendar
from app.core.actor import NOBODY, Actor
from app.core.blobs import Blobs
from app.core.database import Database
from app.organisations.rules import OrganisationKind, Role
from app.settings import Settings
from tests import NOON, factories
from tests.conftest import Clock
from tests.house.scenario.applications import application_of_c, scored
from tests.house.scenario.briefs import (
    asked,
    assessed_brief,
    awarded_brief,
    bids_of_provider,
    closed_brief,
    kept_answers,
    letter,
)
from tests.house.scenario.evidence import PDF, certificate, documents, items, referrals, registered
from tests.house.scenario.objects import objects_of

__all__ = ["PDF", "Scenario", "awarded_brief", "letter", "scenario"]


@dataclass(frozen=True)
class Scenario:
    """`actors` by the name a test calls them; `own` gives, for each path parameter, ids that mostly belong to provider A."""

    world: factories.World
    actors: dict[str, Actor]
    objects: dict[str, tuple[UUID | str, ...]]
    open_brief: UUID
    bid_a: UUID
    closed_brief: UUID
    assessed_brief: UUID
    awarded_brief: UUID


def scenario(db: Database, blobs: Blobs, config: Settings, time: Clock, *, draft: bool = True) -> Scenario:
    """Write it whole, with the clock at noon when it is done. Provider A's bid for the open brief is a draft, or not begun.

    A bid not begun has no row; an id that is nowhere stands in for its own.
    """
    secret = config.secret_key
    time.set(NOON - timedelta(days=5))
    with db.write() as session:
        world = factories.world(session)
        actors = _actors(session, world)
    awarded = awarded_brief(db, world, secret, time)
    assessed = assessed_brief(db, world, secret, time)
    closed = closed_brief(db, world, time)
    time.set(NOON)
    with db.write() as session:
        open_brief = factories.brief(session, world)
        bid_a = bids.start_bid(session, world.owner_a, open_brief, world.provider_a) if draft else uuid4()
        amendment = factories.amendment(session, world, open_brief)
        any_brief = {"framework_id": None, "region_id": None, "service": "", "often": Often.DAILY}
        alert = save_alert(session, world.owner_a, **any_brief)
        feed = make_calendar(session, world.owner_a)
        unpublished = factories.brief(session, world, published_at=None)
    papers = documents(db, blobs, world)
    certificate(db, world)
    registered(db, world)
    actors["owner of C"], application, part, returned = application_of_c(db, world)
    scored(db, world, application)
    with db.write() as session:
        questions = asked(session, world, open_brief)
        objects = objects_of(session, world, actors)
        objects["answer_id"] = kept_answers(session, world, closed)
        objects["partnership_id"] = (
            factories.partnership(session, closed, world.provider_b, world.provider_a, world.owner_b),
        )
    objects |= {
        "brief_id": (open_brief, unpublished, closed, assessed, awarded),
        "bid_id": (bid_a, *bids_of_provider(db, world.provider_a)),
        "document_id": papers,
        "referral_id": referrals(db, blobs, world, open_brief, awarded),
        "item_id": items(db, world.provider_a),
        "application_id": (application,),
        "part_id": (part,),
        "amendment_id": (amendment,),
        "alert_id": (alert,),
        "feed": (feed,),
        "returned_id": tuple(returned),
        "section": ("1",),
        "clarification_id": questions,
    }
    return Scenario(world, actors, objects, open_brief, bid_a, closed, assessed, awarded)


def _actors(session: Session, world: factories.World) -> dict[str, Actor]:
    platform = factories.organisation(session, OrganisationKind.PLATFORM, "Test platform")
    return {
        "stranger": NOBODY,
        "nobody in particular": Actor(factories.person(session, "Nora Newcomer").id, "Nora Newcomer", "n@example.org"),
        "owner of A": world.owner_a,
        "reader of A": factories.seated(session, world.provider_a, Role.READ_ONLY, name="Rita Reader"),
        "bidder of A": factories.seated(session, world.provider_a, Role.BIDS, name="Bea Bidder"),
        "documents of A": factories.seated(session, world.provider_a, Role.DOCUMENTS, name="Dot Documents"),
        "owner of B": world.owner_b,
        "commissioner": world.commissioner,
        "approver": world.approver,
        "chair": world.chair,
        "assessor": world.assessor,
        "conflicted assessor": world.assessor_two,
        "framework lead": world.lead,
        "checker": world.checker,
        "other agency": world.other_commissioner,
        "other agency's chair": factories.seated(session, world.other_raa_id, Role.CHAIR, name="Cyd Chair"),
        "other agency's approver": factories.seated(session, world.other_raa_id, Role.APPROVER, name="Abe Approver"),
        "administrator": factories.seated(session, platform, Role.ADMINISTRATOR, name="Adam Administrator"),
        "auditor": factories.seated(session, platform, Role.AUDITOR, name="Audrey Auditor"),
    }
