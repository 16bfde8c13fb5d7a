"""Providers and people that come together: a consortium with one member still to answer, a double, a request to join."""

from typing import Final

from app.demo.stage import Stage
from app.demo.telling import Story
from app.organisations.commands import ask_to_join
from app.providers.commands import accept_membership, invite_member, register_provider, start_consortium
from app.providers.rules import ProviderKind, Registration

LEAD: Final = "lanternhouse"
MEMBER: Final = "otterbrook"
NEWCOMER: Final = "wilf"


def story(stage: Stage) -> Story:
    """A voluntary agency brings two companies with it; a newcomer registers a practice twice, then asks to be let in."""
    ago = stage.calendar.ago
    yield ago(14, 10, 1)
    lead = stage.actor(f"{LEAD}-owner")
    consortium = start_consortium(stage.session, lead, stage[LEAD], name="Lanternhouse and partners")
    member = invite_member(stage.session, lead, consortium, known_as="Otterbrook Psychology")
    yield ago(13, 9, 1)
    accept_membership(stage.session, stage.actor(f"{MEMBER}-owner"), consortium, member)
    yield ago(2, 10, 1)
    invite_member(stage.session, stage.actor(f"{LEAD}-owner"), consortium, known_as="Bramblegate Family Mediation")
    yield ago(1, 11, 1)
    twice = Registration(kind=ProviderKind.SOLE_PRACTITIONER, name="Thistlewood Play")
    register_provider(stage.session, stage.actor(NEWCOMER), twice, none_of_these=1)
    yield ago(1, 12, 1)
    words = "I started on Monday as the second play therapist. Marnie knows me."
    ask_to_join(stage.session, stage.actor(NEWCOMER), [stage["thistlewood"]], words=words)
