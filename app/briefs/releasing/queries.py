"""The page of what the guard found in a brief."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlmodel import Session

from app.briefs.identity import Guarded
from app.briefs.policy import sits_there
from app.briefs.queries import brief_of_buyer, phase_of
from app.briefs.queries.buyer import authors
from app.briefs.queries.guarding import Asked, asked, guarded_texts
from app.briefs.rules import Phase, why_not_decide_words
from app.core.actor import Actor
from app.core.refusals import Refusal
from app.organisations.rules import Role


@dataclass(frozen=True, slots=True)
class WordsPage:
    """`to_ask` are (key, words) that nobody has asked about, `to_decide` (id, words, why) about which this person decides."""

    id: UUID
    reference: str
    draft: bool
    texts: tuple[Guarded, ...]
    asked: tuple[Asked, ...]
    to_ask: tuple[tuple[str, str], ...]
    to_decide: tuple[tuple[UUID, str, str], ...]
    may_ask: bool
    why_not_decide: Refusal | None


def words_page(session: Session, actor: Actor, brief_id: UUID, now: datetime) -> WordsPage:
    """Raises `NotFound` to all but the brief's own agency."""
    brief = brief_of_buyer(session, actor, brief_id)
    texts, requests = guarded_texts(session, brief), asked(session, brief)
    known = {one.excerpt for one in requests}
    draft = phase_of(brief, now) is Phase.DRAFT
    open_requests = [one for one in requests if one.waits]
    decides = draft and sits_there(actor, brief.raa_id, Role.APPROVER)
    author = actor.person_id in authors(session, brief)
    others = [one for one in open_requests if not author and one.asked_by != actor.person_id]
    return WordsPage(
        id=brief.id,
        reference=brief.reference,
        draft=draft,
        texts=texts,
        asked=requests,
        to_ask=tuple(
            {
                excerpt.key: f"“{found.excerpt}” in {one.label} ({found.kind_name})"
                for one in texts
                for found, excerpt in one.releasable
                if excerpt not in known
            }.items()
        ),
        to_decide=tuple((one.id, f"“{one.excerpt.words}” in {one.label}", f"{one.asker}: {one.why}") for one in others)
        if decides
        else (),
        may_ask=draft and sits_there(actor, brief.raa_id, Role.COMMISSIONER),
        why_not_decide=why_not_decide_words(author=author, asker=True, still_there=True)
        if decides and open_requests and not others
        else None,
    )
