"""Providers: each registers, describes itself, supplies its papers and has them checked; a few have not come that far."""

from collections.abc import Iterable
from functools import partial
from operator import itemgetter
from typing import Any, Final
from uuid import UUID

from app.demo.evidence import Piece, answer_ofsted, check_ofsted, doubt, pieces, send_back, supply, verify
from app.demo.stage import Stage
from app.demo.telling import Story
from app.organisations.commands import give_seat
from app.organisations.directory.queries import authorities_of
from app.organisations.rules import Role
from app.providers.commands import (
    add_practitioner,
    add_site,
    choose_areas,
    choose_therapies,
    register_provider,
    tell_numbers,
)
from app.providers.rules import Numbers, ProviderKind, Registration
from app.providers.rules.sites import SiteFacts, StepFree, Use

FIRST: Final = 126
LATE: Final = 16


def story(stage: Stage, number: int, provider: dict[str, Any]) -> Story:
    """One provider until its papers are where the data says. `number` spreads them over the days."""
    ago = stage.calendar.ago
    began = LATE if provider.get("late") else FIRST - number
    checker = "winifred" if "yorkshire" in provider.get("joins", {}) or provider.get("late") else "bronagh"
    yield ago(began, 9, number)
    _register(stage, provider)
    papers = pieces(stage, provider)
    plan = [
        (ago(began - 1, 14, number), partial(supply, stage, provider, _in(papers, "verified", "expired", "returned"))),
        (ago(began - 4, 11, number), partial(verify, stage, checker, _in(papers, "verified", "expired"))),
        (ago(began - 4, 12, number), partial(send_back, stage, checker, _in(papers, "returned"))),
    ]
    if "ofsted" in provider:
        plan.append((ago(began - 1, 15, number), partial(answer_ofsted, stage, provider)))
        plan.append((ago(began - 4, 14, number), partial(check_ofsted, stage, checker, provider)))
    if "doubted" in provider:
        plan.append((ago(2, 15, number), partial(doubt, stage, checker, papers, provider["doubted"])))
    for piece in _in(papers, "waiting"):
        plan.append((ago(piece.waits, 13, number), partial(supply, stage, provider, [piece])))
    for moment, happens in sorted(plan, key=itemgetter(0)):
        yield moment
        happens()


def _in(papers: Iterable[Piece], *states: str) -> list[Piece]:
    return [piece for piece in papers if piece.state in states]


def _register(stage: Stage, provider: dict[str, Any]) -> None:
    owner = f"{provider['key']}-owner"
    facts = {name: provider[name] for name in ("summary", "telephone", "website") if name in provider}
    numbers = {name: provider[name] for name in ("company_number", "charity_number") if name in provider}
    registration = Registration(name=provider["name"], kind=ProviderKind(provider["kind"]), **facts, **numbers)
    provider_id = register_provider(stage.session, stage.actor(owner), registration)
    stage.ids[provider["key"]] = provider_id
    actor = stage.actor(owner)
    choose_therapies(stage.session, actor, provider_id, provider["therapies"])
    choose_areas(stage.session, actor, provider_id, _served(stage, provider["agencies"]))
    for name, profession, body, number in provider["practitioners"]:
        stage.ids[name] = add_practitioner(
            stage.session,
            actor,
            provider_id,
            full_name=name,
            profession=profession,
            body_slug=body or None,
            registration_number=number,
        )
    if numbers or "ico_number" in provider:
        told = {name: provider.get(name) for name in ("ppon", "ofsted_urn", "ico_number", "share_code")}
        is_current = "share_code" in provider
        tell_numbers(stage.session, actor, provider_id, Numbers(**numbers, **told), record_is_current=is_current)
    for site in provider.get("sites", []):
        uses = tuple(Use(use) for use in site["uses"])
        add_site(
            stage.session,
            actor,
            provider_id,
            SiteFacts(**site | {"uses": uses, "step_free": StepFree(site["step_free"])}),
        )
    for colleague, role in provider.get("colleagues", []):
        give_seat(stage.session, actor, person_id=stage[colleague], organisation_id=provider_id, role=Role(role))


def _served(stage: Stage, agencies: list[str]) -> list[UUID]:
    served = authorities_of(stage.session, stage.calendar.today, [stage[agency] for agency in agencies])
    return [authority_id for found in served.values() for authority_id, _ in found]
