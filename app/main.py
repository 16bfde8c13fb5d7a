"""The roof: assembles the rooms into one application, and hands web what only the rooms know."""

import asyncio
import gc
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from functools import partial
from typing import Final

import anyio.to_thread
import structlog
from fastapi import FastAPI, Request
from starlette.middleware.trustedhost import TrustedHostMiddleware
from starlette.staticfiles import StaticFiles

from app.accounts.routes import router as accounts
from app.applications import commands as applications_commands
from app.applications import policy as applications_policy
from app.applications import queries as applications_queries
from app.applications.routes import router as applications
from app.awards import policy as awards_policy
from app.awards.boards.routes import router as briefs_board
from app.awards.handover.routes import router as handover
from app.awards.prices.routes import router as prices
from app.awards.queries import letters as awards_letters
from app.awards.queries import opening as awards_opening
from app.awards.routes import router as awards
from app.bids import asking as bids_asking
from app.bids import commands as bids_commands
from app.bids import queries as bids_queries
from app.bids.accuracy.routes import router as accuracy
from app.bids.boards.routes import router as boards
from app.bids.closing.routes import router as closing
from app.bids.library.routes import router as library
from app.bids.partnering import commands as partnering_commands
from app.bids.partnering.routes import router as partnering
from app.bids.reasons.routes import router as reasons
from app.bids.receipts.routes import router as receipts
from app.bids.routes import router as bids
from app.briefs import asking as briefs_asking
from app.briefs import news as briefs_news
from app.briefs import policy as briefs_policy
from app.briefs.alerts.routes import router as alerts
from app.briefs.amending.routes import router as amending
from app.briefs.building.routes import router as building
from app.briefs.calendar.routes import router as calendar
from app.briefs.cancelling.routes import router as cancelling
from app.briefs.inviting import commands as inviting_commands
from app.briefs.matching.routes import router as matching
from app.briefs.outages.commands import beat
from app.briefs.referral.routes import router as referral
from app.briefs.releasing.routes import router as releasing
from app.briefs.routes import router as briefs
from app.clarifications import commands as clarifications_commands
from app.clarifications import queries as clarifications_queries
from app.clarifications.routes import router as clarifications
from app.core import logs
from app.core.actor import NOBODY, Actor
from app.core.beats import EVERY
from app.core.blobs import Blobs
from app.core.database import Database
from app.core.signing import SigningKeys
from app.evidence import asking as evidence_asking
from app.evidence import news as evidence_news
from app.evidence import policy as evidence_policy
from app.evidence.routes import router as evidence
from app.frameworks import news as frameworks_news
from app.frameworks import policy as frameworks_policy
from app.frameworks.calling_off.routes import router as calling_off
from app.frameworks.routes import router as frameworks
from app.home.routes import router as home
from app.memberships import commands as memberships_commands
from app.memberships import news as memberships_news
from app.memberships import policy as memberships_policy
from app.memberships.routes import router as memberships
from app.organisations.policy import provider_ids
from app.organisations.queries import actor_and_time, managers_beside
from app.organisations.routes import router as organisations
from app.providers import news as providers_news
from app.providers import policy as providers_policy
from app.providers.routes import router as providers
from app.publishing.cards import commands as cards_commands
from app.publishing.cards.routes import router as cards
from app.sealing.asking import Keyholder
from app.sealing.client import KeyholderClient
from app.settings import Settings, settings
from app.web.errors import add_error_pages
from app.web.health import router as health
from app.web.manners import Manners
from app.web.pace import Pace
from app.web.routing import Corridor, Policy, Router, signed_in
from app.web.session import read_token

ROOMS: Final[tuple[Router, ...]] = (
    health,
    accounts,
    organisations,
    providers,
    evidence,
    frameworks,
    calling_off,
    memberships,
    applications,
    building,
    briefs,
    amending,
    cancelling,
    matching,
    alerts,
    calendar,
    clarifications,
    releasing,
    referral,
    bids,
    receipts,
    accuracy,
    closing,
    reasons,
    partnering,
    library,
    boards,
    awards,
    briefs_board,
    handover,
    prices,
    cards,
    home,
)


CONNECTIONS: Final = (
    partial(evidence_news.ITEM_CHANGED.connect, memberships_commands.note_change),
    partial(evidence_news.PEOPLE_FORGOTTEN.connect, memberships_commands.forget_people),
    partial(evidence_news.PEOPLE_FORGOTTEN.connect, applications_commands.forget_people),
    partial(evidence_news.PEOPLE_FORGOTTEN.connect, inviting_commands.forget_people),
    partial(evidence_news.PEOPLE_FORGOTTEN.connect, bids_commands.forget_people),
    partial(frameworks_news.ROUND_SET_UP.connect, memberships_commands.tell_members_of_round),
    partial(frameworks_news.ROUND_EXTENDED.connect, applications_commands.tell_of_extension),
    partial(frameworks_news.ROUND_CANCELLED.connect, applications_commands.keep_for_later),
    partial(memberships_news.ENDED.connect, bids_commands.withdraw_of_ended),
    partial(evidence_asking.FILE_WANTED.connect, applications_queries.files_wanted),
    partial(briefs_asking.QUESTIONS_WAITING.connect, clarifications_queries.waiting_about),
    partial(briefs_asking.ASSESSORS.connect, awards_opening.asked_to_assess),
    partial(bids_asking.OUTCOMES.connect, awards_letters.outcomes),
    partial(bids_asking.LETTERS_OUT.connect, awards_letters.letters_out),
    partial(briefs_news.VERSION_PUBLISHED.connect, clarifications_commands.send_what_waited),
    partial(providers_news.PRACTITIONER_LEFT.connect, cards_commands.name_no_longer),
    partial(providers_news.MEMBERS_LEFT.connect, partnering_commands.tell_of_left),
    partial(providers_news.CLOSING.connect, applications_queries.in_the_way),
    partial(providers_news.CLOSING.connect, bids_queries.in_the_way),
)
"""News and questions, and who above listens or answers, in the transaction of what happened or was asked."""


def connect() -> None:
    for connected in CONNECTIONS:
        connected()


@dataclass(frozen=True, slots=True)
class NavigationItem:
    label: str
    href: str
    current: bool


NAVIGATION: Final[tuple[tuple[str, str, Policy], ...]] = (
    ("To do", "/", signed_in),
    ("Opportunities", "/opportunities", briefs_policy.members),
    ("Bids", "/bids", briefs_policy.members),
    ("Evidence", "/providers/{provider}/evidence", evidence_policy.members),
    ("Profile", "/providers/{provider}", evidence_policy.members),
    ("Memberships", "/memberships", memberships_policy.providers),
    ("Applications", "/applications", applications_policy.providers),
    ("Briefs", "/briefs", briefs_policy.buyers),
    ("Approved providers", "/approved-providers", memberships_policy.overseers),
    ("Reliance", "/reliance", memberships_policy.buyers),
    ("Assessments", "/assessments", awards_policy.assessors),
    ("Letters", "/letters", awards_policy.letter_readers),
    ("Checks", "/checks", evidence_policy.checkers),
    ("Decisions", "/decisions", applications_policy.deciders),
    ("Restrictions", "/restrictions", memberships_policy.restriction_watchers),
    ("Duplicates", "/duplicates", providers_policy.administrators),
    ("Burden", "/burden", applications_policy.oversees_all),
    ("Keeping and deleting", "/retention", evidence_policy.overseers_of_retention),
    ("Frameworks", "/frameworks", signed_in),
    ("Call-off", "/call-off", frameworks_policy.buyers),
    ("Agencies", "/agencies", signed_in),
)


_WITHIN: Final = {
    "/board": "/bids",
    "/partnerships": "/bids",
    "/alerts": "/opportunities",
    "/scoring": "/assessments",
    "/changes": "/reliance",
}
"""Whose pages stand elsewhere than below the link that leads to them, as their breadcrumbs say."""


def navigation(actor: Actor, path: str) -> list[NavigationItem]:
    """The links of the main navigation that this person may follow; a provider's own are of the first they belong to."""
    path = _WITHIN.get(f"/{path.split('/')[1]}", path)
    provider = min(provider_ids(actor), default=None)
    links = [(label, href.format(provider=provider)) for label, href, allow in NAVIGATION if allow(actor)]
    here = max(
        (href for _, href in links if path == href or path.startswith(f"{href.rstrip('/')}/")), key=len, default=""
    )
    return [NavigationItem(label, href, href == here and (href != "/" or path == "/")) for label, href in links]


def load_actor(request: Request) -> Actor | None:
    """Who is signed in, with every seat they hold: one read at the door of each request."""
    token = read_token(request, request.app.state.settings)
    if token is None:
        return None
    with request.app.state.database.glance() as session:
        actor, request.state.reading = actor_and_time(session, token)
    return actor


def whom_to_ask(database: Database, actor: Actor | None) -> tuple[str, tuple[str, str] | None]:
    """In words, who could let this person do more in their own organisations, and where they are; nothing for others."""
    if actor is None or not actor.seats:
        return "", None
    with database.read() as session:
        found = managers_beside(session, actor)
    if not found:
        return "", None
    asked = "; ".join(f"{', '.join(names)} of {organisation}" for _, organisation, names in found)
    words = f"Your role in your organisation does not reach this far. Ask somebody who can change it: {asked}."
    organisation_id, name, _ = found[0]
    return words, (f"/organisations/{organisation_id}", f"See the people of {name}")


def create_app(
    database: Database | None = None,
    *,
    config: Settings | None = None,
    blobs: Blobs | None = None,
    keyholder: Keyholder | None = None,
) -> FastAPI:
    config = config or settings()
    connect()
    logs.configure()
    app = FastAPI(openapi_url=None, lifespan=_lifespan, telemetry={"tracing": False, "metrics": False, "logs": False})
    app.state.settings = config
    app.state.database = database or Database(config.database_url, threads=config.threads)
    app.state.blobs = blobs or Blobs(config.blob_url, config.document_keys)
    app.state.keyholder = keyholder or KeyholderClient(config.keyholder_url, config.keyholder_token)
    app.state.receipts = SigningKeys.parse(config.receipt_keys, "receipts'")
    app.state.pace = Pace(config.public_pages_per_minute)
    app.state.load_actor = load_actor
    app.state.nobody = NOBODY
    app.state.navigation = navigation
    app.state.whom_to_ask = partial(whom_to_ask, app.state.database)
    app.router.routes.append(Corridor(route for room in ROOMS for route in room.routes))
    app.mount("/static", StaticFiles(directory=config.root / "static"))
    add_error_pages(app)
    if config.allowed_hosts != "*":
        app.add_middleware(TrustedHostMiddleware, allowed_hosts=config.allowed_hosts.split(","))
    app.add_middleware(Manners, config=config)
    return app


@asynccontextmanager
async def _lifespan(app: FastAPI) -> AsyncIterator[None]:
    """Refuse an unsafe database, match threads to connections, and keep start-up's objects out of the collector's way.

    If the service was away near a deadline, that is made good before anything is answered.
    """
    await anyio.to_thread.run_sync(app.state.database.refuse_to_start_if_unsafe)
    anyio.to_thread.current_default_thread_limiter().total_tokens = app.state.settings.threads
    gc.collect()
    gc.freeze()
    gc.enable()
    gc.set_threshold(20_000, 50, 50)
    await anyio.to_thread.run_sync(beat, app.state.database)
    beating = asyncio.create_task(_beat(app.state.database))
    yield
    beating.cancel()
    app.state.database.close()
    if isinstance(app.state.keyholder, KeyholderClient):
        app.state.keyholder.close()


async def _beat(database: Database) -> None:
    """Say once a minute that this process lives. It is the event loop's own task: one that answers nobody beats no more."""
    while True:
        await asyncio.sleep(EVERY.total_seconds())
        try:
            await anyio.to_thread.run_sync(beat, database)
        except Exception:  # the database is away: that silence is found by the next beat that gets through
            structlog.get_logger("beat").exception("not written")
