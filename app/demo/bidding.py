"""Bids: written one day, sealed and sent the next, or left as a draft."""

from typing import Any, Final

from app.bids.commands import save_draft, start_bid, submit_bid
from app.bids.letters.rules import STANDING, Letter, Named, Question, priced
from app.bids.naming import practitioners
from app.bids.pricing.rules import Line, LineKind, Vat
from app.bids.queries import questions
from app.briefs.models import Brief
from app.demo.data import table
from app.demo.sealing import organisation_key
from app.demo.stage import Stage
from app.demo.telling import Story
from app.frameworks.models import Lot
from app.frameworks.rules import UNITS, PriceUnit

MEASURED: Final = (
    "With the measure that the brief names, before the first session, half-way and at the end, and looked at together with the "
    "family. Each review ends with what is kept and what is changed, in writing."
)
BEGINS: Final = (
    "From the week after the award, at hours outside school, in our own rooms or near the family's home. The first day is agreed "
    "with the family, and nobody is asked to travel more than an hour."
)


def story(stage: Stage, brief: dict[str, Any]) -> Story:
    """Every bid of a brief, in the days after its publication. Their ids are kept as 'brief/provider'."""
    ago = stage.calendar.ago
    for place, bid in enumerate(brief.get("bid", [])):
        yield ago(brief["published"] - 1, 10 + place, 25)
        writer, key = stage.actor(_writer(bid["provider"])), f"{brief['key']}/{bid['provider']}"
        organisation_key(stage, stage[bid["provider"]])
        stage.ids[key] = start_bid(stage.session, writer, stage[brief["key"]], stage[bid["provider"]])
        save_draft(stage.session, writer, stage[key], _letter(stage, brief, bid), seal=stage.seal)
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


def _letter(stage: Stage, brief: dict[str, Any], bid: dict[str, Any]) -> Letter:
    """The price as a rate in whole pounds for each unit of its lot, the rest for travel, and what a late cancellation costs."""
    rate, left = divmod(bid["price"], brief["sessions"])
    own = practitioners(stage.session, stage[bid["provider"]])
    named = next(Named(id_, name) for id_, name in own.items() if name == bid["practitioner"])
    row = stage.session.get_one(Brief, stage[brief["key"]])
    lot = stage.session.get_one(Lot, row.lot_id)
    lines = [Line(LineKind(lot.price_unit), brief["sessions"] * 100, rate * 100)]
    if left:
        lines.append(Line(LineKind.TRAVEL, 100, left * 100, "for the visits at home and at school"))
    lines.append(Line(LineKind.CANCELLATION, 0, rate * 50, f"half the price of one {UNITS[PriceUnit(lot.price_unit)]}"))
    return Letter(team=(named,), vat=Vat.NONE, **priced(lines), **_answers(questions(row), bid))


def _answers(asked: tuple[Question, ...], bid: dict[str, Any]) -> dict[str, Any]:
    """What was written of approach and experience, as answers to what the brief asks; where it asks more, the same for all."""
    approach, experience = bid["approach"].strip(), bid["experience"].strip()
    if asked == STANDING:
        return {"approach": approach, "experience": experience}
    said = (approach, experience, *([MEASURED] if len(asked) > 3 else []), BEGINS)
    return {"answers": tuple((question.key, words) for question, words in zip(asked, said, strict=False))}
