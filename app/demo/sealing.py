"""The keyholder's part of the story, by its own code, in the one transaction in which everything is told."""

from collections.abc import Callable
from uuid import UUID

from app.awards.approving import Told
from app.awards.commands import opening as awards
from app.awards.commands import prices as second
from app.awards.queries.approvals import BIDS, PRICES, Envelope, approvals
from app.briefs import commands as briefs
from app.briefs.models import Brief
from app.core.actor import Actor
from app.demo.stage import Stage
from app.keyholder import opening, prices
from app.keyholder.keys import key_of, make_key
from app.sealing.rules import Holder


def publish_brief(stage: Stage, actor: Actor, brief_id: UUID) -> None:
    closes_at = stage.session.get_one(Brief, brief_id).closes_at
    voucher = stage.config.keyholder_token
    make_key(stage.session, stage.master, Holder.BRIEF, brief_id, voucher=voucher, not_before=closes_at)
    briefs.publish_brief(stage.session, actor, brief_id)


def organisation_key(stage: Stage, provider_id: UUID) -> None:
    if key_of(stage.session, Holder.ORGANISATION, provider_id) is None:
        voucher = stage.config.keyholder_token
        make_key(stage.session, stage.master, Holder.ORGANISATION, provider_id, voucher=voucher)


def approve_opening(stage: Stage, actor: Actor, brief_id: UUID) -> None:
    told = _told(stage, actor, brief_id, BIDS, opening.approve, opening.release)
    awards.approve_opening(stage.session, actor, brief_id, drain=stage.drain, told=told, secret=stage.config.secret_key)


def finish_quality(stage: Stage, actor: Actor, brief_id: UUID) -> None:
    proof = prices.finish(
        stage.session, actor, brief_id, master=stage.master, own_now=stage.calendar.now, drain=stage.drain
    )
    second.finish_quality(stage.session, actor, brief_id, witness=proof)


def approve_prices(stage: Stage, actor: Actor, brief_id: UUID) -> None:
    told = _told(stage, actor, brief_id, PRICES, prices.approve, prices.release)
    second.approve_prices(stage.session, actor, brief_id, told=told, secret=stage.config.secret_key)


def _told(
    stage: Stage,
    actor: Actor,
    brief_id: UUID,
    envelope: Envelope,
    first: Callable[..., str],
    second: Callable[..., Told],
) -> Told:
    ask = second if approvals(stage.session, brief_id, envelope) else first
    return ask(stage.session, actor, brief_id, master=stage.master, own_now=stage.calendar.now, drain=stage.drain)
