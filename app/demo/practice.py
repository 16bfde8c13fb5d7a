"""A provider of twelve: what it offers, whom it brought in by spreadsheet; and what members say of their capacity."""

from datetime import timedelta
from typing import Any, Final

from app.demo.data import table
from app.demo.stage import Stage
from app.demo.telling import Story
from app.memberships.capacity.commands import renew_capacity, state_capacity
from app.memberships.capacity.queries import groups
from app.memberships.capacity.rules import Figures
from app.providers.commands import (
    choose_services,
    import_practitioners,
    keep_import,
    keep_qualification,
    keep_registration,
    keep_supervision,
    set_reach,
)
from app.providers.rules import Aspect, Frequency
from app.providers.rules.importing import Person

AGENCY: Final = "lanternhouse"
SOLE: Final = "thistlewood"
STATES: Final = (AGENCY, "thistlewood", "otterbrook", "quillfeather")
STATED: Final = 24  # working days ago, so that what nobody has renewed since is out of date
RENEWED: Final = 2


def story(stage: Stage) -> Story:
    """The agency fills in its services and brings in nine colleagues; members state their capacity, and two renew it."""
    ago, told = stage.calendar.ago, table("practice")
    yield ago(60, 10, 30)
    actor = stage.actor(f"{AGENCY}-owner")
    offered = {aspect: told["services"][aspect] for aspect in Aspect}
    choose_services(stage.session, actor, stage[AGENCY], offered)
    start, miles = told["services"]["travels_from"], told["services"]["miles"]
    set_reach(stage.session, actor, stage[AGENCY], travels_from=start, miles=miles)
    yield ago(59, 11, 15)
    people = [Person(row, _values(stage, one), False, ()) for row, one in enumerate(told["person"], start=2)]
    kept = keep_import(stage.session, actor, stage[AGENCY], file_name="our-therapists.xlsx", people=people)
    import_practitioners(stage.session, actor, stage[AGENCY], kept)
    yield ago(58, 9, 5)
    ends = stage.calendar.today + timedelta(days=27)
    keep_registration(
        stage.session, actor, stage["Patrick Oduya"], body_slug="UKCP", number="2099-0417", expires_on=ends
    )
    yield ago(57, 8, 40)
    _own_record(stage)
    yield ago(STATED, 15, 0)
    for key in STATES:
        _state(stage, key)
    yield ago(RENEWED, 9, 40)
    for key in STATES[:2]:
        renew_capacity(stage.session, stage.actor(f"{key}-owner"))


def _own_record(stage: Stage) -> None:
    """A sole practitioner tells her record once: her registration is renewed there, and its evidence says the older day."""
    owner, herself = stage.actor(f"{SOLE}-owner"), stage["Marnie Thistlewood"]
    renewed = stage.calendar.today + timedelta(days=3 * 365)
    keep_registration(stage.session, owner, herself, body_slug="BAPT", number="PT-90114", expires_on=renewed)
    keep_qualification(
        stage.session, owner, herself, name="Theraplay level 1", awarding_body="Theraplay UK (demonstration)", year=2019
    )
    keep_supervision(
        stage.session, owner, herself, supervisor="Dr Maud Ellerby", body="BAPT", frequency=Frequency.FORTNIGHTLY
    )


def _values(stage: Stage, one: dict[str, Any]) -> dict[str, Any]:
    """A row's values, with its dates told from today."""
    dates = {"registered_until": one.get("until"), "insured_until": one.get("insured")}
    told = {key: (stage.calendar.today + timedelta(days=days)).isoformat() for key, days in dates.items() if days}
    return dict(one["values"]) | told


def _state(stage: Stage, key: str) -> None:
    owner, dice = stage.actor(f"{key}-owner"), stage.dice(f"{key} capacity")
    said = {
        (group.membership_id, line.slug): Figures(dice.randint(0, 3), dice.choice((0, 2, 4, 6, 10)))
        for group in groups(stage.session, owner)
        for line in group.lines
    }
    state_capacity(stage.session, owner, said)
