"""One list of everything that waits for one person, whatever seats they hold."""

from dataclasses import dataclass
from datetime import datetime

from sqlmodel import Session

from app.applications.policy import deciders
from app.awards.policy import assessors
from app.briefs.policy import buyers
from app.core import clock
from app.core.actor import Actor
from app.evidence.policy import checkers, members
from app.frameworks.policy import framework_leads
from app.home.queries import agency, days, lead, led, provider
from app.home.queries.section import Figure, Section
from app.memberships.policy import concern_readers, restricters


@dataclass(frozen=True, slots=True)
class Today:
    """`now` is the moment it is true of; `figures` link to their pages; a section without anything to do says so."""

    now: datetime
    figures: tuple[Figure, ...]
    sections: tuple[Section, ...]


def today(session: Session, actor: Actor) -> Today:
    now = clock.now(session)
    parts = [
        part(session, actor, now)
        for policy, part in (
            (members, provider.part),
            (buyers, agency.part),
            (assessors, agency.assessing),
            (checkers, lead.checking),
            (deciders, lead.deciding),
            (framework_leads, lead.ratings),
            (restricters, led.part),
            (framework_leads, days.part),
            (concern_readers, lead.concerns),
        )
        if policy(actor)
    ]
    return Today(
        now=now,
        figures=tuple(figure for figures, _ in parts for figure in figures if figure.count),
        sections=tuple(section for _, sections in parts for section in sections),
    )
