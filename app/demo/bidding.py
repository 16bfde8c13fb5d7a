"""Bids: written one day, sealed and sent the next, or left as a draft."""

from typing import Any

from app.bids.commands import save_draft, start_bid, submit_bid
from app.bids.rules import Letter
from app.demo.data import table
from app.demo.sealing import organisation_key
from app.demo.stage import Stage
from app.demo.telling import Story


def story(stage: Stage, brief: dict[str, Any]) -> Story:
    """Every bid of a brief, in the days after its publication. Their ids are kept as 'brief/provider'."""
    ago = stage.calendar.ago
    for place, bid in enumerate(brief.get("bid", [])):
        yield ago(brief["published"] - 1, 10 + place, 25)
        writer, key = stage.actor(_writer(bid["provider"])), f"{brief['key']}/{bid['provider']}"
        organisation_key(stage, stage[bid["provider"]])
        stage.ids[key] = start_bid(stage.session, writer, stage[brief["key"]], stage[bid["provider"]])
        save_draft(stage.session, writer, stage[key], _letter(stage, bid), seal=stage.seal)
    for place, bid in enumerate(brief.get("bid", [])):
        if bid.get("state") != "draft":
            yield ago(brief["published"] - 2, 13 + place, 40)
            key, moment = f"{brief['key']}/{bid['provider']}", ago(brief["published"] - 2, 13 + place, 40)
            writer = stage.actor(_writer(bid["provider"]))
            submit_bid(stage.session, writer, stage[key], received_at=moment, seal=stage.seal)


def _writer(provider: str) -> str:
    """The colleague who writes its bids, or else its owner."""
    made = next(one for one in table("providers")["provider"] if one["key"] == provider)
    colleagues = [person for person, role in made.get("colleagues", []) if role == "bids"]
    return colleagues[0] if colleagues else f"{provider}-owner"


def _letter(stage: Stage, bid: dict[str, Any]) -> Letter:
    return Letter(
        approach=bid["approach"].strip(),
        experience=bid["experience"].strip(),
        practitioner=bid["practitioner"],
        price_pence=bid["price"] * 100,
    )
