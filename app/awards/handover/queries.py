"""The winner's page of the full referral. A letter of success is the way in: for everybody else there is nothing here."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlmodel import Session, col, select

from app.accounts.models import Person
from app.awards.handover import rules
from app.awards.handover.models import ReferralUndertaking
from app.awards.models import Award, OutcomeLetter
from app.awards.policy import RECEIVERS, SIGNERS
from app.awards.rules import LetterOutcome
from app.briefs.models import Brief
from app.briefs.referral.models import ReferralDocument
from app.briefs.referral.queries import DocumentLine, clean_document, documents
from app.core.actor import Actor
from app.core.refusals import NotFound, Refusal, refuse_if
from app.organisations.models import Organisation
from app.organisations.policy import provider_ids
from app.organisations.rules import Role
from app.providers.queries import restricted


@dataclass(frozen=True, slots=True)
class HandoverPage:
    """`documents` are there once it is signed; `count` says how many wait. `undertaking` is what was or would be signed."""

    letter_id: UUID
    reference: str
    agency: str
    provider: str
    count: int
    documents: tuple[DocumentLine, ...]
    undertaking: dict[str, Any]
    sha256: str
    signed_at: datetime | None
    signer: str
    may_sign: bool
    why_not: Refusal | None


@dataclass(frozen=True, slots=True)
class Won:
    """An award's letter to its winner, with the brief, and what was signed, if anything was."""

    letter: OutcomeLetter
    brief: Brief
    agency: str
    provider: str
    signed: ReferralUndertaking | None


def handover_page(session: Session, actor: Actor, letter_id: UUID, now: datetime) -> HandoverPage:
    """Raises `NotFound` to all but the people of the winner who receive referrals."""
    won = won_by(session, actor, letter_id, *RECEIVERS)
    lines = documents(session, won.brief.id)
    content = won.signed.content if won.signed else to_sign(won, actor)
    why_not = rules.why_not_receive(restricted=_restricted(session, won, now))
    return HandoverPage(
        letter_id=letter_id,
        reference=won.brief.reference,
        agency=won.agency,
        provider=won.provider,
        count=len(lines),
        documents=lines if won.signed and not why_not else (),
        undertaking=content,
        sha256=won.signed.content_sha256 if won.signed else rules.fingerprint(content),
        signed_at=won.signed.signed_at if won.signed else None,
        signer=session.get_one(Person, won.signed.signed_by).name if won.signed else "",
        may_sign=won.letter.provider_id in provider_ids(actor, *SIGNERS),
        why_not=why_not,
    )


def won_by(session: Session, actor: Actor, letter_id: UUID, *roles: Role) -> Won:
    """The award this letter tells this person's provider of. Raises `NotFound`: lost, foreign and absent alike."""
    row = session.exec(
        select(OutcomeLetter, Brief, ReferralUndertaking)
        .join(Award, col(Award.id) == OutcomeLetter.award_id)
        .join(Brief, col(Brief.id) == Award.brief_id)
        .outerjoin(ReferralUndertaking, col(ReferralUndertaking.award_id) == Award.id)
        .where(
            OutcomeLetter.id == letter_id,
            OutcomeLetter.outcome == LetterOutcome.SUCCESSFUL,
            col(OutcomeLetter.provider_id).in_(provider_ids(actor, *roles)),
            col(Award.approved_at).is_not(None),
            col(Award.rejected_at).is_(None),
        )
    ).first()
    if row is None:
        raise NotFound
    letter, brief, signed = row
    names = {
        one.id: one.name
        for one in session.exec(
            select(Organisation).where(col(Organisation.id).in_((brief.raa_id, letter.provider_id)))
        )
    }
    return Won(letter, brief, names[brief.raa_id], names[letter.provider_id], signed)


def to_sign(won: Won, actor: Actor) -> dict[str, Any]:
    return rules.undertaking(brief=won.brief.reference, agency=won.agency, provider=won.provider, signer=actor.name)


def document_to_hand_over(
    session: Session, actor: Actor, letter_id: UUID, document_id: UUID, now: datetime
) -> tuple[Brief, ReferralDocument]:
    """A clean document, for the winner that has signed. Raises `NotFound` before, and `Refused` while it is restricted."""
    won = won_by(session, actor, letter_id, *RECEIVERS)
    if won.signed is None:
        raise NotFound
    document = clean_document(session, won.brief.id, document_id)
    refuse_if(rules.why_not_receive(restricted=_restricted(session, won, now)))
    return won.brief, document


def why_not_sign(session: Session, won: Won, actor: Actor, read: str, now: datetime) -> Refusal | None:
    fingerprint = rules.fingerprint(to_sign(won, actor))
    return rules.why_not_sign(read=read, now=fingerprint, restricted=_restricted(session, won, now))


def _restricted(session: Session, won: Won, now: datetime) -> bool:
    return bool(restricted(session, [won.letter.provider_id], now))
