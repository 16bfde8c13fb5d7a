"""The people of the demonstration, the organisations they work for, and their seats."""

from datetime import timedelta
from typing import Any, Final

from app.accounts.commands import add_person
from app.core.actor import NOBODY
from app.demo.data import table
from app.demo.stage import Stage
from app.demo.telling import at
from app.organisations.commands import add_organisation, give_seat
from app.organisations.rules import OrganisationKind, Role

PASSWORD: Final = "lantern-orchard-teapot"  # noqa: S105 - printed for everybody to use; it opens a demonstration
ARRIVED: Final = 135


def arrive(stage: Stage) -> None:
    """Everybody gets an account, those to be stepped into first, and those who work for agencies and hubs their seats.

    The owners of providers get their seats by registering, their colleagues later from them.
    """
    moment = stage.calendar.ago(ARRIVED, 9)
    with at(moment, stage.session):
        for organisation in table("people")["organisation"]:
            kind = OrganisationKind(organisation["kind"])
            stage.ids[organisation["key"]] = add_organisation(
                stage.session, NOBODY, kind=kind, name=organisation["name"]
            )
    for number, person in enumerate(sorted(_everybody(), key=lambda one: not one["note"])):
        with at(moment + timedelta(minutes=number), stage.session):
            _join(stage, person)


def _everybody() -> list[dict[str, Any]]:
    owners = [
        {"key": f"{provider['key']}-owner", **dict(zip(("name", "email", "note"), provider["owner"], strict=True))}
        for provider in table("providers")["provider"]
    ]
    return [{"note": "", "seats": [], **person} for person in (*owners, *table("people")["person"])]


def _join(stage: Stage, person: dict[str, Any]) -> None:
    stage.ids[person["key"]] = add_person(
        stage.session, name=person["name"], email=person["email"], password=PASSWORD, note=person["note"]
    )
    for organisation, role in person["seats"]:
        give_seat(
            stage.session,
            NOBODY,
            person_id=stage[person["key"]],
            organisation_id=stage[organisation],
            role=Role(role),
        )
