"""Every event is declared by its room, worded for a person, and recorded somewhere."""

import re

import app.main
from app.core.audit import EVENTS
from tests import ROOT

assert app.main.ROOMS  # importing the roof imports every room's events
OURS = [event for event in EVENTS.values() if not event.name.startswith("test.")]


def test_the_house_has_events() -> None:
    assert len(OURS) > 30


def test_an_event_is_named_worded_and_used() -> None:
    source = {path: path.read_text() for path in (ROOT / "app").rglob("*.py")}
    recorded = {name for text in source.values() for name in re.findall(r"\bevents\.(\w+)", text)}
    for event in OURS:
        assert re.fullmatch(r"[a-z_]+\.[a-z_]+", event.name)
        assert event.sentence[:1].islower(), f"{event.name} follows the person's name"
        declared = [path for path, text in source.items() if f'"{event.name}"' in text]
        assert [path.name for path in declared] == ["events.py"], event.name
        name = re.search(rf'(\w+) = (?:audit\.)?declare\(\s*"{re.escape(event.name)}"', source[declared[0]])
        assert name, f"{event.name} is declared under a name"
        if name[1].startswith("FORMER_"):
            continue  # nothing records it any more, and what was recorded is still read
        assert name[1] in recorded, f"{event.name} is recorded nowhere"
