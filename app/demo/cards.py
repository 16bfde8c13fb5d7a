"""Four providers write a card for families and show it; two name those who agreed."""

from sqlmodel import col, select

from app.demo.data import table
from app.demo.stage import Stage
from app.demo.telling import Story
from app.providers.commands import choose_services
from app.providers.models import Practitioner
from app.providers.rules import Aspect
from app.publishing.cards.commands import list_card, write_card


def story(stage: Stage) -> Story:
    for number, card in enumerate(table("cards")["card"]):
        yield stage.calendar.ago(20 - number, 10, 15)
        provider_id, owner = stage[card["provider"]], stage.actor(f"{card['provider']}-owner")
        if services := card.get("services"):
            choose_services(
                stage.session, owner, provider_id, {Aspect(aspect): ticked for aspect, ticked in services.items()}
            )
        here = select(Practitioner.id).where(
            Practitioner.provider_id == provider_id, col(Practitioner.left_at).is_(None)
        )
        named = list(stage.session.exec(here.order_by(Practitioner.full_name).limit(2))) if card["named"] else []
        write_card(stage.session, owner, provider_id, summary=card["summary"], expect=card["expect"], named=named)
        list_card(stage.session, owner, provider_id, indexed=card["indexed"])
