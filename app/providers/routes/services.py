"""A provider's services to look at, a postcode to ask about, and four short pages to fill in."""

from typing import Any, Final
from uuid import UUID

from fastapi import Request
from fastapi.responses import HTMLResponse, Response

from app.core.actor import Actor
from app.core.refusals import NotFound, Refused
from app.providers import commands, policy, queries, rules
from app.providers.rules import Aspect
from app.providers.rules.coverage import coverage
from app.providers.services_forms import ASPECTS, FORMS, DeliveryForm, DistrictsForm
from app.web.forms import Form, Posted, Received, blank, received
from app.web.pages import page, see
from app.web.routing import ActorDep, DatabaseDep, Router

router = Router(prefix="/providers")

BESIDE: Final = {"delivery": "miles", "districts": "district"}
"""Where the words stand when a page is wrong as a whole."""


@router.get("/{provider_id}/services", allow=policy.viewers)
def show(
    request: Request, provider_id: UUID, db: DatabaseDep, actor: ActorDep, postcode: str = "", authority: str = ""
) -> HTMLResponse:
    with db.read() as session:
        name, offered = queries.services(session, actor, provider_id)
        authorities = queries.authorities(session)
        reach = offered.reach(queries.authorities_served(session, provider_id))
    district, form = rules.outward(postcode), blank(postcode=postcode[:12], authority=authority)
    if postcode.strip() and not district:
        form = form.but(postcode="Enter a postcode, or the first half of one, like LS1")
    asked = {
        "district": district or "",
        "authority": {str(key): words for key, words in authorities}.get(authority, ""),
    }
    return page(
        request,
        "providers/services.html",
        status=422 if form.errors else 200,
        provider_id=provider_id,
        name=name,
        offered=offered,
        asked=" and ".join(filter(None, asked.values())),
        coverage=coverage(reach, **asked) if any(asked.values()) else None,
        authorities=authorities,
        form=form,
        own=policy.belongs(actor, provider_id),
        may_edit=policy.may_edit(actor, provider_id),
    )


@router.get("/{provider_id}/services/{group}", allow=policy.members)
def group_to_fill(request: Request, provider_id: UUID, group: str, db: DatabaseDep, actor: ActorDep) -> HTMLResponse:
    return _fill(request, db, actor, provider_id, group, None)


@router.post("/{provider_id}/services/{group}", allow=policy.members)
def save(
    request: Request, provider_id: UUID, group: str, db: DatabaseDep, actor: ActorDep, sent: Received = received()
) -> Response:
    with db.read() as session:
        queries.own_provider(session, actor, provider_id, *policy.EDITORS)
    form: Posted[Form] = sent.into(_form_of(group))
    if form.value is None:
        return _fill(request, db, actor, provider_id, group, form)
    try:
        with db.write() as session:
            commands.choose_services(session, actor, provider_id, _chosen(group, form.value))
            if isinstance(form.value, DeliveryForm):
                start = rules.outward(form.value.travels_from) or ""
                commands.set_reach(session, actor, provider_id, travels_from=start, miles=form.value.miles)
    except Refused as refused:
        return _fill(request, db, actor, provider_id, group, form.but(form=refused.refusal.words))
    return see(f"/providers/{provider_id}/services")


def _form_of(group: str) -> type[Form]:
    if group not in FORMS:
        raise NotFound
    return FORMS[group]


def _chosen(group: str, value: Form) -> dict[Aspect, list[str]]:
    if isinstance(value, DistrictsForm):
        return {Aspect.DISTRICT: rules.districts(value.district)[0]}
    return {aspect: getattr(value, aspect) for aspect in ASPECTS[group]}


def _fill(
    request: Request, db: DatabaseDep, actor: Actor, provider_id: UUID, group: str, form: Posted[Form] | None
) -> HTMLResponse:
    _form_of(group)
    with db.read() as session:
        name = queries.own_provider(session, actor, provider_id, *policy.EDITORS)[1].name
        offered = queries.offered(session, provider_id)
    if form and "form" in form.errors and group in BESIDE:
        words = form.errors["form"]
        form = Posted(typed=form.typed, errors={BESIDE[group]: words})
    return page(
        request,
        "providers/services_form.html",
        status=422 if form else 200,
        provider_id=provider_id,
        name=name,
        group=group,
        choices=[_choices(aspect) for aspect in ASPECTS[group] if aspect in rules.CHOICES],
        form=form or blank(**_typed(offered)),
    )


def _choices(aspect: Aspect) -> tuple[str, str, list[tuple[str, str]]]:
    return aspect.value, rules.WORDS[aspect].replace("they", "you"), list(rules.CHOICES[aspect].items())


def _typed(offered: queries.Offered) -> dict[str, Any]:
    ticked: dict[str, Any] = {aspect.value: sorted(values) for aspect, values in offered.chosen.items()}
    ticked["district"] = ", ".join(sorted(offered.chosen.get(Aspect.DISTRICT, ())))
    return ticked | {"travels_from": offered.travels_from, "miles": offered.miles or ""}
