"""Every event is declared by its room, worded for a person, and recorded somewhere."""

import re

import pytest

import app.main
from app.core.audit import EVENTS, Event
from tests import ROOT

assert app.main.ROOMS  # importing the roof imports every room's events
SOURCE = {path: path.read_text() for path in (ROOT / "app").rglob("*.py")}
OURS = [event for event in EVENTS.values() if not event.name.startswith("test.")]


def test_the_house_has_events() -> None:
    assert len(OURS) > 30


@pytest.mark.parametrize("event", OURS, ids=lambda event: event.name)
def test_an_event_is_named_worded_and_used(event: Event) -> None:
    assert re.fullmatch(r"[a-z_]+\.[a-z_]+", event.name)
    assert event.sentence[:1].islower(), "it follows the person's name"
    declared = [path for path, text in SOURCE.items() if f'"{event.name}"' in text]
    assert len(declared) == 1
    assert declared[0].name == "events.py"
    name = re.search(rf'(\w+) = (?:audit\.)?declare\(\s*"{re.escape(event.name)}"', SOURCE[declared[0]])
    assert name, "declared under a name"
    if name[1].startswith("FORMER_"):
        return  # nothing records it any more, and what was recorded is still read
    assert any(f"events.{name[1]}" in text for text in SOURCE.values()), "recorded nowhere"
