"""Refusing an item takes two: one checker proposes, another confirms or sends the proposal back."""

from uuid import UUID

from sqlmodel import Session, col, select

from app.core import audit, clock
from app.core.actor import Actor
from app.core.refusals import Refusal, Refused, refuse_if
from app.evidence import deciding, events, queries, rules
from app.evidence.check_models import RefusalProposal
from app.evidence.models import EvidenceItem, Verification
from app.evidence.queries import UnderWay
from app.evidence.rules import KindFacts, Outcome, Reason, Settlement


def propose_refusal(session: Session, actor: Actor, item_id: UUID, reason_code: str, words: str) -> None:
    """Propose to refuse, with a reason of `rules.Reason` and words for the provider. The same person again is no error."""
    item, kind = deciding.item_to_decide(session, actor, item_id)
    under_way = queries.under_way(session, item_id)
    if under_way.proposal and under_way.proposal.proposer_id == actor.person_id:
        return
    if deciding.already(under_way, Outcome.REFUSED):
        return
    deciding.refuse_while_others(under_way, actor)
    reason, seat = Reason(reason_code), deciding.checkers_seat(actor)
    session.add(
        RefusalProposal(
            item_id=item_id,
            proposer_id=actor.known,
            proposer_organisation_id=seat.organisation_id,
            reason_code=reason,
            words=words,
            proposed_at=clock.now(session),
        )
    )
    deciding.no_longer_taken(session, item_id)
    audit.record(
        session,
        events.REFUSAL_PROPOSED,
        actor=actor,
        subject=item.id,
        kind=kind.name,
        organisation=seat.organisation_name,
        reason=rules.REASONS[reason],
    )


def confirm_refusal(session: Session, actor: Actor, item_id: UUID) -> None:
    """Confirm what another checker proposed: the item is refused and counts as not held."""
    item, kind = deciding.item_to_decide(session, actor, item_id)
    under_way = queries.under_way(session, item_id)
    if under_way.outcome is Outcome.REFUSED:
        return
    proposal = _open(session, under_way)
    refuse_if(rules.why_not_settle(proposer=proposal.proposer_id, person=actor.person_id))
    now, seat = clock.now(session), deciding.checkers_seat(actor)
    proposal.settlement, proposal.settled_by, proposal.settled_at = Settlement.CONFIRMED, actor.known, now
    session.add(
        Verification(
            item_id=item_id,
            checker_id=proposal.proposer_id,
            checker_organisation_id=proposal.proposer_organisation_id,
            confirmed_by=actor.known,
            outcome=Outcome.REFUSED,
            reason_code=proposal.reason_code,
            fix=proposal.words,
            at=now,
        )
    )
    audit.record(
        session,
        events.ITEM_REFUSED,
        actor=actor,
        subject=item.id,
        about=item.provider_id,
        kind=kind.name,
        organisation=seat.organisation_name,
        reason=rules.REASONS[Reason(proposal.reason_code)],
    )
    deciding.tell_keepers(session, item, kind, "evidence/refused.txt")


def send_refusal_back(session: Session, actor: Actor, item_id: UUID, note: str) -> None:
    """Disagree with what another checker proposed: the item waits again, with the note for whoever takes it."""
    _settle(session, actor, item_id, Settlement.SENT_BACK, note)


def withdraw_refusal(session: Session, actor: Actor, item_id: UUID) -> None:
    """Take one's own proposal back: the item waits again."""
    _settle(session, actor, item_id, Settlement.WITHDRAWN, "")


def _settle(session: Session, actor: Actor, item_id: UUID, settlement: Settlement, note: str) -> None:
    item, kind = deciding.item_to_decide(session, actor, item_id)
    under_way = queries.under_way(session, item_id)
    if not (under_way.proposal or under_way.outcome) and _last(session, item_id) == settlement:
        return
    proposal = _open(session, under_way)
    own = proposal.proposer_id == actor.person_id
    if settlement is Settlement.WITHDRAWN:
        if not own:
            raise Refused(
                Refusal("not_yours", "Only who proposed this refusal can take it back. You can send it back.")
            )
    else:
        refuse_if(rules.why_not_settle(proposer=proposal.proposer_id, person=actor.person_id))
    proposal.settlement, proposal.settled_at, proposal.note = settlement, clock.now(session), note
    proposal.settled_by = None if own else actor.known
    _tell(session, actor, item, kind, settlement, note)


def _tell(
    session: Session, actor: Actor, item: EvidenceItem, kind: KindFacts, settlement: Settlement, note: str
) -> None:
    withdrawn = settlement is Settlement.WITHDRAWN
    event = events.REFUSAL_WITHDRAWN if withdrawn else events.REFUSAL_SENT_BACK
    audit.record(session, event, actor=actor, subject=item.id, kind=kind.name, note=note)


def _open(session: Session, under_way: UnderWay) -> RefusalProposal:
    """The proposal that waits. Raises `Refused` when there is none any more."""
    if under_way.proposal is None:
        raise Refused(Refusal("no_refusal", "No refusal of this waits to be confirmed any more."))
    return session.get_one(RefusalProposal, under_way.proposal.id)


def _last(session: Session, item_id: UUID) -> str | None:
    """How the latest proposal was settled; None while it waits or where there was none."""
    return session.exec(
        select(RefusalProposal.settlement)
        .where(RefusalProposal.item_id == item_id)
        .order_by(col(RefusalProposal.proposed_at).desc(), col(RefusalProposal.id).desc())
        .limit(1)
    ).first()
