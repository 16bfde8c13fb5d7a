"""Five frameworks as they are bought in England, each set up from its file on screen, approved, opened and applied to."""

import json
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Any, Final

import pytest

from app.core.london import LONDON
from tests import ROOT
from tests.browser.conftest import OpenPage, Site
from tests.browser.people import Enter, Somebody
from tests.browser.setting import setting

FILES: Final = ROOT / "app" / "frameworks" / "data" / "templates"


@dataclass(frozen=True)
class Kind:
    """What is particular to one: what its page says, which lots its first round takes, and whether that is always open."""

    slug: str
    says: tuple[str, ...]
    lots: tuple[int, ...] = ()
    rolling: bool = False


KINDS: Final = (
    Kind("essex-five-lots", ("Light touch", "Lot 5: Short breaks", "Essex")),
    Kind("yorkshire-humber", ("Light touch", "North and Humber", "South Yorkshire", "West Yorkshire")),
    Kind("approved-provider-list", ("Approved", "Thames Valley"), rolling=True),
    Kind("eight-therapy-lots", ("Dynamic market", "Lot 8: Sensory therapies"), rolling=True),
    Kind("open-framework-scheme", ("Open framework", "its next framework begins by", "the best scored, up to")),
)


@pytest.mark.walk
@pytest.mark.row("2.2", "2.4", "2.5", "2.19")
@pytest.mark.timeout(200)
@pytest.mark.parametrize("kind", KINDS, ids=lambda kind: kind.slug)
def test_a_framework_is_set_up_from_its_file(site: Site, open_page: OpenPage, javascript: bool, kind: Kind) -> None:
    met: dict[str, list[str]] = {}

    def enter(email: str) -> Somebody:
        return Somebody(site, open_page(javascript=javascript), email, met, javascript).sign_in()

    setting(site)
    content = (FILES / f"{kind.slug}.json").read_bytes()
    facts = json.loads(content)
    framework = _is_approved(enter, content, facts)
    today = date.fromisoformat(facts["starts_on"])
    site.clock.forward(datetime.combine(today, time(12), LONDON) - datetime.now(LONDON))
    lead = enter("lead@hub.example.org").go(framework).sees(facts["name"], *kind.says)
    _is_opened(lead, framework, facts, kind, today)
    omar = enter("omar@birch.example.org").go("/frameworks").follow(facts["name"])
    omar.sees(*kind.says).press("Apply to join")
    assert not any(met.values()), "\n".join(fault for faults in met.values() for fault in faults)


def _is_approved(enter: Enter, content: bytes, facts: dict[str, Any]) -> str:
    """Written by one lead from the file, read and approved by the other. The framework's path."""
    lead = enter("lead@hub.example.org").go("/frameworks/new").attach("framework.json", content)
    lead.press("Import as a draft").sees(facts["name"], "Nothing.")
    draft = lead.path
    lead.follow("See it as an applicant does").sees(*(lot["name"] for lot in facts["lots"]))
    lead.sees(*(question["text"] for question in facts["questions"]))
    second = enter("second.lead@hub.example.org").go(draft).press("Approve this framework")
    second.sees(facts["name"], "frozen under the SHA-256")
    return second.path


def _is_opened(lead: Somebody, framework: str, facts: dict[str, Any], kind: Kind, today: date) -> None:
    lead.go(f"{framework}/rounds/new").fill(name="First round").on("opens_on", today)
    if kind.rolling:
        lead.fill(decisions=f"{today + timedelta(days=20):%d %m %Y}")
    else:
        lead.on("closes_on", today + timedelta(days=40))
    for lot in facts["lots"]:
        lead.tick(f"Lot {lot['number']}: {lot['name']}")
    for region in facts["regions"]:
        lead.tick(region["name"])
    lead.press("Set up this round").sees("First round")
