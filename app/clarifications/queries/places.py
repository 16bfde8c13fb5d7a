"""What questions are about, a round or a brief, as one person meets it: who answers, who may ask, until when."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlmodel import Session, col, select

from app.briefs import queries as briefs
from app.briefs.models import Brief
from app.briefs.rules import Ending, Phase
from app.clarifications import policy, rules
from app.clarifications.models import Clarification
from app.clarifications.rules import OVER, Stage
from app.core import clock
from app.core.actor import Actor
from app.core.refusals import NotFound
from app.frameworks.models import Framework, Round
from app.frameworks.queries import framework_row
from app.frameworks.rules.asking import Dates, dates
from app.organisations.policy import buyer_ids


@dataclass(frozen=True, slots=True)
class Place:
    """A round or a brief. `label` names it in a sentence, `page` is where those who ask read its answers.

    `asking` are the providers for which this person may ask, `answers` says whether they are one of those who answer, `sees`
    whether what waits is theirs to see, and `belongs` whether they work where it is answered. `extendable`: whoever answers
    can move its close. `version` is a brief's. It is all as it stands `at` a moment.
    """

    at: datetime

    round_id: UUID | None
    brief_id: UUID | None
    framework_id: UUID
    answering_id: UUID
    label: str
    page: str
    stage: Stage
    closes_at: datetime
    dates: Dates
    version: int | None
    extendable: bool
    asking: tuple[tuple[UUID, str], ...]
    answers: bool
    sees: bool
    belongs: bool

    @property
    def id(self) -> UUID:
        return self.round_id or self.brief_id  # type: ignore[return-value]  # it is one of the two

    @property
    def over(self) -> bool:
        """Whether nothing more is asked or answered."""
        return self.stage in OVER

    @property
    def answering_page(self) -> str:
        """Where those who answer read what waits."""
        return f"/briefs/{self.brief_id}/questions" if self.brief_id else self.page


def of_round(session: Session, actor: Actor, round_id: UUID, now: datetime) -> Place:
    """A round of a framework that this person may see. Raises `NotFound`."""
    window = session.get(Round, round_id)
    if window is None:
        raise NotFound
    return _round(actor, window, framework_row(session, actor, window.framework_id), now)


def of_members_brief(session: Session, actor: Actor, brief_id: UUID, now: datetime) -> Place:
    """A brief to which one of this person's providers was invited. Raises `NotFound`."""
    brief, invited = briefs.invitations(session, actor, brief_id)
    may = policy.asking_for(actor)
    asking = tuple((one.provider_id, one.provider_name) for one in invited if one.provider_id in may)
    return _brief(actor, brief, now, asking)


def of_brief(session: Session, actor: Actor, brief_id: UUID, now: datetime) -> Place:
    """A brief of this person's agency, from its publication on. Raises `NotFound`."""
    brief = briefs.brief_of_buyer(session, actor, brief_id)
    if brief.published_at is None:
        raise NotFound
    return _brief(actor, brief, now, ())


def of_amended(session: Session, actor: Actor, brief_id: UUID, now: datetime) -> Place:
    """A brief that this person has just amended, or the service for them."""
    return _brief(actor, session.get_one(Brief, brief_id), now, ())


def with_place(session: Session, actor: Actor, clarification_id: UUID, *, lock: bool) -> tuple[Clarification, Place]:
    """A question, and what it is about, as it stands now. Who may see it is asked elsewhere. Raises `NotFound`."""
    query = (
        select(Clarification, Round, Framework, Brief)
        .add_columns(clock.MOMENT)
        .outerjoin(Round, col(Round.id) == Clarification.round_id)
        .outerjoin(Framework, col(Framework.id) == Round.framework_id)
        .outerjoin(Brief, col(Brief.id) == Clarification.brief_id)
        .where(col(Clarification.id) == clarification_id)
    )
    found: Any = session.execute(query.with_for_update(of=Clarification) if lock else query).first()
    if found is None:
        raise NotFound
    row, window, framework, brief, now = found
    return row, _brief(actor, brief, now, ()) if brief else _round(actor, window, framework, now)


def _round(actor: Actor, window: Round, framework: Framework, now: datetime) -> Place:
    asking = dates(window.opens_at, window.closes_at, always_open=window.rolling)
    answers = policy.answers_round_of(actor, framework.lead_id)
    return Place(
        at=now,
        round_id=window.id,
        brief_id=None,
        framework_id=framework.id,
        answering_id=framework.lead_id,
        label=f"{window.name} of {framework.name}",
        page=f"/rounds/{window.id}/questions",
        stage=rules.stage(
            opens_at=window.opens_at,
            closes_at=window.closes_at,
            ask_by=asking.ask_by,
            now=now,
            cancelled=window.cancelled_at is not None,
        ),
        closes_at=window.closes_at,
        dates=asking,
        version=None,
        extendable=not window.rolling,
        asking=tuple(policy.asking_for(actor).items()),
        answers=answers,
        sees=answers,
        belongs=framework.lead_id in actor.where(),
    )


def _brief(actor: Actor, brief: Brief, now: datetime, asking: tuple[tuple[UUID, str], ...]) -> Place:
    opens_at = brief.published_at or brief.created_at
    by, belongs = dates(opens_at, brief.closes_at), brief.raa_id in buyer_ids(actor)
    return Place(
        at=now,
        round_id=None,
        brief_id=brief.id,
        framework_id=brief.framework_id,
        answering_id=brief.raa_id,
        label=f"brief {brief.reference}",
        page=f"/opportunities/{brief.id}/questions",
        stage=rules.stage(
            opens_at=opens_at,
            closes_at=brief.closes_at,
            ask_by=by.ask_by,
            now=now,
            ended=briefs.phase_of(brief, now) is not Phase.OPEN,
            cancelled=brief.cancelled_as == Ending.CANCELLED,
        ),
        closes_at=brief.closes_at,
        dates=by,
        version=brief.version,
        extendable=False,
        asking=asking,
        answers=policy.answers_brief_of(actor, brief.raa_id),
        sees=belongs,
        belongs=belongs,
    )
