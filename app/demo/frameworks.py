"""The two frameworks: written by one lead, approved by the other, with one round long closed and one open now."""

from datetime import datetime
from typing import Any

from sqlmodel import col, select

from app.demo.data import table
from app.demo.stage import Stage
from app.demo.telling import Story
from app.frameworks.commands import (
    CallOffFacts,
    CriterionFacts,
    FrameworkFacts,
    LotFacts,
    RegionFacts,
    approve_framework,
    create_framework,
    open_round,
)
from app.frameworks.queries import lots_and_regions
from app.frameworks.rules import Part, PriceUnit, Service
from app.organisations.models import Organisation, PanRegion, RaaAuthority

FIRST_ROUND = (127, 100)
SECOND_ROUND = (9, 20)


def story(stage: Stage, key: str) -> Story:
    """A framework from its draft to its second round."""
    made, calendar = table("frameworks")[key], stage.calendar
    writer, second = made["leads"][:2]
    yield calendar.ago(132, 11)
    stage.ids[key] = create_framework(stage.session, stage.actor(writer), _facts(stage, key, made))
    yield calendar.ago(131, 15)
    approve_framework(stage.session, stage.actor(second), stage[key])
    opened, closed = FIRST_ROUND
    yield calendar.ago(130, 14)
    _round(stage, key, writer, "First round", calendar.ago(opened, 9), calendar.ago(closed, 12))
    opened, closes = SECOND_ROUND
    yield calendar.ago(opened + 1, 16)
    _round(stage, key, writer, "Second round", calendar.ago(opened, 9), calendar.ahead(closes))


def parts(stage: Stage, key: str, numbers: list[int], names: list[str]) -> list[Part]:
    """The ids of these lots, by number, in each of these regions, by name."""
    lots, regions = lots_and_regions(stage.session, stage[key])
    return [(lot.id, region.id) for lot in lots if lot.number in numbers for region in regions if region.name in names]


def _round(stage: Stage, key: str, lead: str, name: str, opens_at: datetime, closes_at: datetime) -> None:
    """A round of the whole framework: every lot in every region."""
    lots, regions = lots_and_regions(stage.session, stage[key])
    scope = [(lot.id, region.id) for lot in lots for region in regions]
    round_id = open_round(stage.session, stage.actor(lead), stage[key], name, opens_at, closes_at, scope)
    stage.ids[f"{key} {name}"] = round_id


def _facts(stage: Stage, key: str, made: dict[str, Any]) -> FrameworkFacts:
    starts_on = stage.calendar.day(-made["starts_working_days_ago"])
    return FrameworkFacts(
        slug=key,
        name=made["name"],
        lead_id=stage[made["lead"]],
        rule_set_slug=made["rule_set"],
        summary=made["summary"].strip(),
        agreement_text=made["agreement"].strip(),
        agreement_version="1.0",
        selection_process=made["selection"],
        starts_on=starts_on,
        ends_on=starts_on.replace(year=starts_on.year + made["years"], day=min(starts_on.day, 28)),
        lots=tuple(_lot(number, lot) for number, lot in enumerate(made["lot"], start=1)),
        regions=tuple(_region(stage, region) for region in made["region"]),
        call_off=tuple(CallOffFacts(stage[agency], starts_on) for agency in made["agencies"]),
        criteria=tuple(
            CriterionFacts(c["name"], c["guidance"], c["weights"][0], c["weights"][1], c.get("price", False))
            for c in made["criterion"]
        ),
        source=made["source"],
    )


def _lot(number: int, lot: dict[str, Any]) -> LotFacts:
    return LotFacts(
        number=number,
        name=lot["name"],
        service=Service(lot["service"]),
        description=lot["description"].strip(),
        price_unit=PriceUnit(lot["unit"]),
        ceiling_pence=lot["ceiling"],
        requires=tuple(lot["requires"]),
    )


def _region(stage: Stage, region: dict[str, Any]) -> RegionFacts:
    """The authorities that an agency serves today, as the reference data has them, and any named beside them."""
    names = list(region.get("authorities", []))
    if "agency" in region:
        names += stage.session.exec(
            select(Organisation.name)
            .join(RaaAuthority, col(RaaAuthority.authority_id) == Organisation.id)
            .where(RaaAuthority.raa_id == stage[region["agency"]], col(RaaAuthority.valid_to).is_(None))
        )
    pan_region_id = stage.session.exec(select(PanRegion.id).where(PanRegion.slug == region["pan_region"])).one()
    return RegionFacts(region["name"], tuple(stage.authorities(names)), pan_region_id)
