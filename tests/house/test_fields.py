"""Bar S3: what each answer about briefs, bids, openings and letters is made of, record by record and field by field.

A template is given frozen records and nothing else, so what is in them is all that an answer can show. `fields.txt` says who may
be given which fields of which, in which state of the brief; what is not there fails. The lines to add, once somebody has thought
about them, are in the failure.
"""

import dataclasses
import json
import re
from collections import defaultdict
from typing import Any, Final

import pytest
from httpx2 import Response
from jinja2 import Template
from sqlmodel import select

from app.bids.models import Bid
from app.core.blobs import Blobs
from app.core.database import Database
from app.settings import Settings
from tests import ROOT
from tests.conftest import Clock
from tests.house import access
from tests.house.scenario import Scenario, scenario
from tests.house.walk import READING, Walker, paths

ABOUT: Final = re.compile(
    r"/(briefs|bids|opportunities|board|partnerships|letters|assessments|alerts|calendar|clarifications|receipts)\b"
    r"|/(rounds|frameworks|agencies)/{\w+}/(questions|reasons|approval)$"
)
FRAME: Final = {"actor", "path", "navigation", "demonstration", "request_id", "form", "refusal", "now"}
LIST: Final = "fields.txt"
GROUPS: Final[dict[str, set[str]]] = {
    name: getattr(access, name)
    for name in ("EVERYBODY", "SIGNED_IN", "PROVIDERS", "BIDDERS", "A", "A_BIDDERS", "AGENCY", "OTHER_AGENCY")
} | {name: getattr(access, name) for name in ("OPENERS", "ASSESSORS", "HUB", "PLATFORM")}
BUYERS: Final = access.AGENCY | access.OTHER_AGENCY | access.HUB | access.PLATFORM
BEFORE: Final = ("open", "closed")

Cell = tuple[str, str, str]
"""A record, the state of the brief it is about ('other' where its address names none), and who was given it."""
Given = dict[Cell, set[str]]


def _records(value: Any, found: dict[str, set[str]], *, where: str = "") -> None:
    """The fields of each record in it that are not empty; what is written as a dictionary, as a letter is, counts as one."""
    if dataclasses.is_dataclass(value) and not isinstance(value, type):
        told = {field.name: getattr(value, field.name) for field in dataclasses.fields(value)}
        kind = f"{type(value).__module__}.{type(value).__qualname__}"
        if not kind.startswith(("app.web.", "app.core.")):
            found[kind.removeprefix("app.")] |= _filled(told)
        for name, one in told.items():
            _records(one, found, where=f"{kind.removeprefix('app.')}.{name}")
    elif isinstance(value, dict):
        if where and all(isinstance(name, str) for name in value):
            found[where] |= _filled(value)
        for one in value.values():
            _records(one, found, where=where and f"{where}{{}}")
    elif isinstance(value, list | tuple | set | frozenset):
        for one in value:
            _records(one, found, where=where)


def _filled(told: dict[str, Any]) -> set[str]:
    return {name for name, value in told.items() if value is not None and value not in ("", (), [], {})}


def _of_file(answer: Response, path: str) -> dict[str, set[str]]:
    """The fields of an answer that is no page: keys of JSON, properties of a calendar."""
    kind = answer.headers.get("content-type", "")
    if kind.startswith("application/json"):
        return {f"file {path}": set(json.loads(answer.text))}
    if kind.startswith("text/calendar"):
        return {f"file {path}": set(re.findall(r"^([A-Z-]+)[:;]", answer.text, re.M))}
    assert kind.startswith(("text/html", "text/plain")), (
        f"{path} answers in {kind}, which nobody has thought about here"
    )
    return {}


def _walk(walker: Walker, made: Scenario, monkeypatch: pytest.MonkeyPatch) -> tuple[Given, dict[str, str]]:
    """What everybody was given at each of these doors; and all that provider A's own people read."""
    rendered: dict[str, set[str]] = defaultdict(set)
    render = Template.render

    def note(self: Template, *args: Any, **more: Any) -> str:
        told = {name: value for name, value in dict(*args, **more).items() if name not in FRAME}
        rendered[f"page {self.name}"] |= _filled(told)
        _records(tuple(told.values()), rendered)
        return render(self, *args, **more)

    monkeypatch.setattr(Template, "render", note)
    states = {
        made.open_brief: "open",
        made.closed_brief: "closed",
        made.assessed_brief: "opened",
        made.awarded_brief: "awarded",
    }
    given: Given = defaultdict(set)
    read: dict[str, str] = {}
    for door in [one for one in READING if ABOUT.match(one.path)]:
        for name, actor in made.actors.items():
            for path in paths(door, made.objects) if door.policy(actor) else ():
                rendered.clear()
                answer = walker.knock(actor, door, path)
                if answer.status_code != 200:
                    continue
                state = next((state for brief, state in states.items() if str(brief) in path), "other")
                for record, fields in (*rendered.items(), *_of_file(answer, door.path).items()):
                    given[record, state, name] |= fields
                if name in access.A:
                    read[f"{name} {path}"] = answer.text
    return given, read


def _allowed() -> Given:
    allowed: Given = defaultdict(set)
    for line in (ROOT / "tests" / "house" / LIST).read_text().splitlines():
        record, states, who, fields = (part.strip() for part in line.split("|"))
        for name in {one for group in who.split(", ") for one in GROUPS.get(group, {group})}:
            for state in states.split():
                allowed[record, state, name] |= set(fields.split())
    return allowed


def _lines(given: Given) -> list[str]:
    """As in the list: those who are given the same together, under the names of their groups."""
    alike: dict[tuple[str, str, frozenset[str]], set[str]] = defaultdict(set)
    for (record, state, name), fields in given.items():
        if fields:
            alike[record, state, frozenset(fields)].add(name)
    joined: dict[tuple[str, str, frozenset[str]], list[str]] = defaultdict(list)
    for (record, state, fields), names in alike.items():
        joined[record, _named(names), fields].append(state)
    order = ("other", "open", "closed", "opened", "awarded")
    return sorted(
        f"{record} | {' '.join(sorted(states, key=order.index))} | {who} | {' '.join(sorted(fields))}"
        for (record, who, fields), states in joined.items()
    )


def _named(names: set[str]) -> str:
    left, words = set(names), list[str]()
    for group, members in GROUPS.items():
        if members <= left:
            words.append(group)
            left -= members
    return ", ".join([*words, *sorted(left)])


def _unknown(given: Given, allowed: Given) -> Given:
    return {cell: more for cell, fields in given.items() if (more := fields - allowed.get(cell, set()))}


@pytest.mark.walk
@pytest.mark.bar("S3")
@pytest.mark.invariant(1)
@pytest.mark.timeout(300)
def test_nobody_is_given_a_field_that_is_not_theirs(
    db: Database, blobs: Blobs, config: Settings, clock: Clock, walker: Walker, monkeypatch: pytest.MonkeyPatch
) -> None:
    made = scenario(db, blobs, config, clock)
    given, read = _walk(walker, made, monkeypatch)
    unknown = _lines(_unknown(given, _allowed()))
    assert unknown == [], "\n".join(unknown)
    assert len({record for record, _, _ in given}) > 100
    _about_bids_to_buyers_before_the_opening(given)
    _about_others_to_a_bidder(given)
    others = (str(made.world.provider_b), "Therapist of Birch Therapy", str(_bid_of_b(db, made)))
    assert [(where, words) for where, text in read.items() for words in others if words in text] == []


def _about_bids_to_buyers_before_the_opening(given: Given) -> None:
    """No record of the room of bids at all; nor, on the pages of the opening, anything that scores or ranks one."""
    rooms = ("bids.", "awards.queries.results.Comparison", "awards.rules", "awards.queries.assessment.BidToScore")
    assert [c for c in given if c[2] in BUYERS and c[1] in BEFORE and c[0].startswith(rooms)] == []


def _about_others_to_a_bidder(given: Given) -> None:
    """Neither another's letter nor a ranking, nor who assessed; in any state, by any page."""
    kinds = ("awards.queries.results", "awards.rules.scoring", "awards.queries.assessment", "awards.queries.opening")
    assert [c for c in given if c[2] in access.PROVIDERS and c[0].startswith(kinds)] == []


def _bid_of_b(db: Database, made: Scenario) -> object:
    with db.read() as session:
        mine = Bid.brief_id == made.awarded_brief, Bid.provider_id == made.world.provider_b
        return session.exec(select(Bid.id).where(*mine)).one()


def test_a_field_that_nobody_has_thought_about_is_found() -> None:
    """The mutation proof: a count of bids on a page of buyers, a ranking to a bidder, and a known field to one more person."""
    allowed = _allowed()
    record, state, name = next(cell for cell in allowed if cell[2] == "chair" and cell[1] == "open")
    for cell, fields in (
        ((record, state, name), {"bids"}),
        (("awards.rules.scoring.Ranked", "awarded", "owner of A"), {"rank"}),
        ((record, state, "stranger"), set(list(allowed[record, state, name])[:1])),
    ):
        assert _unknown({cell: fields}, allowed) == {cell: fields}
    assert _unknown(dict(allowed), allowed) == {}
