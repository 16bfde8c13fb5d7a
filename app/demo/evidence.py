"""Papers on their way: made as files, supplied by their owners, and looked at by checkers, or not yet."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, timedelta
from io import BytesIO
from random import Random
from typing import Any, Final
from uuid import UUID

from app.core import clock
from app.core.actor import Actor
from app.core.london import london_day
from app.demo.papers import Paper, kinds, pdf
from app.demo.stage import Stage
from app.evidence.checklists import checklist, registers_for
from app.evidence.commands import (
    LookedAt,
    add_item,
    attach_document,
    propose_refusal,
    record_dbs,
    record_register_check,
    record_scan,
    return_item,
    submit_item,
    verify_item,
)
from app.evidence.queries import kind_of
from app.evidence.rules import Answer, Found, ItemFacts, Rating, Reason, ScanState, Tick
from app.evidence.rules.dbs import DbsFacts, Level, Workforce

OFSTED: Final = "ofsted_asa"
EXPIRED_SINCE: Final = timedelta(days=9)
ENDS_SOON: Final = timedelta(days=18)
YEAR: Final = timedelta(days=365)

_OF_AN_ORGANISATION: Final = ("ins_public_liability", "ins_professional_indemnity", "safeguarding_policy")
_LOOKED_AT: Final = {
    "ins_public_liability": "Read the certificate against the facts; the insurer confirmed the policy number by telephone.",
    "ins_professional_indemnity": "Read the certificate against the facts; run-off cover is stated.",
    "safeguarding_policy": "Read whole. Names the lead, the authority's procedure and the yearly review.",
    "dbs_enhanced": "Number, date, child workforce and children's barred list noted; the certificate was handed back.",
    "professional_registration": "Looked up in the public register on the same day: current, without conditions.",
    "fmc_accreditation": "Looked up in the public register on the same day: accredited, suffix A.",
}

_CERTIFICATE: Final = DbsFacts(
    level=Level.ENHANCED, workforce=Workforce.CHILD, children_barred=True, update_service=True
)


@dataclass
class Piece:
    """One item of evidence to be. `state` is verified, expired, returned or waiting; `waits` is in working days."""

    paper: Paper
    practitioner_id: UUID | None
    state: str
    waits: int = 0
    item_id: UUID | None = None


def pieces(stage: Stage, provider: dict[str, Any]) -> list[Piece]:
    """What this provider holds: its own papers, and those of each practitioner."""
    dice, exceptions = stage.dice(provider["key"]), provider.get("except", {})
    found = []
    for kind, person in _wanted(provider):
        state, _, waits = exceptions.get(kind, "verified").partition(":")
        if state == "missing":
            continue
        paper = _paper(stage, dice, kind, provider, person, state)
        practitioner_id = stage[person[0]] if person else None
        if state == "renewal":
            newer = _renewed(paper)
            found += [Piece(paper, practitioner_id, "verified"), Piece(newer, practitioner_id, "waiting", int(waits))]
        else:
            found.append(Piece(paper, practitioner_id, state, int(waits or 0)))
    return found


def supply(stage: Stage, provider: dict[str, Any], papers: Iterable[Piece]) -> None:
    """Its owner types the facts, uploads the file, and sends both to be checked."""
    actor = stage.actor(f"{provider['key']}-owner")
    for piece in papers:
        paper = piece.paper
        facts = ItemFacts(
            kind=paper.kind,
            practitioner_id=piece.practitioner_id,
            issuer=paper.issuer,
            reference=_mistyped(paper.reference) if piece.state == "returned" else paper.reference,
            cover_pence=paper.cover_pence,
            starts_on=paper.starts_on,
            expires_on=paper.expires_on,
        )
        piece.item_id = add_item(stage.session, actor, stage[provider["key"]], facts)
        blob = stage.blobs.put(BytesIO(pdf(paper)), room="evidence")
        document_id = attach_document(
            stage.session, actor, piece.item_id, blob, media_type="application/pdf", file_name=_file_name(paper)
        )
        record_scan(stage.session, document_id, ScanState.CLEAN, scanner="development scanner")
        if paper.kind == "dbs_enhanced":
            record_dbs(stage.session, actor, piece.item_id, _CERTIFICATE)
        submit_item(stage.session, actor, piece.item_id)


def verify(stage: Stage, checker: str, papers: Iterable[Piece]) -> None:
    actor = stage.actor(checker)
    for piece in papers:
        if piece.item_id:
            how, in_person = _LOOKED_AT[piece.paper.kind], piece.paper.kind == "dbs_enhanced"
            _look_up(stage, actor, piece)
            points = checklist(kind_of(stage.session, piece.paper.kind))
            ticks = {point.key: Tick(seen=True) for point in points}
            verify_item(stage.session, actor, piece.item_id, how=how, ticks=ticks, saw_original=in_person)


def _look_up(stage: Stage, actor: Actor, piece: Piece) -> None:
    """The look at a public register, where the kind has one: the one of the body that issued it."""
    found = registers_for(piece.paper.kind)
    body = piece.paper.issuer.partition(" ")[0].lower()
    own = next((register for register in found if register.key == body), found[-1] if found else None)
    if own and piece.item_id:
        on = london_day(clock.now(stage.session))
        seen = LookedAt(on, Found.MATCHES, "Current on the day, without conditions.")
        record_register_check(stage.session, actor, piece.item_id, own.key, seen)


def send_back(stage: Stage, checker: str, papers: Iterable[Piece]) -> None:
    for piece in papers:
        if piece.item_id:
            printed = piece.paper.reference
            fix = f"The certificate says {printed} and you typed {_mistyped(printed)}. Add it again with the number as printed."
            return_item(stage.session, stage.actor(checker), piece.item_id, Reason.FACTS_DIFFER, fix)


def answer_ofsted(stage: Stage, provider: dict[str, Any]) -> None:
    """Its registration with Ofsted: no paper, but an answer, a number and a rating from the register."""
    number, rating, months = provider["ofsted"]
    inspected_on = stage.calendar.today - timedelta(days=30 * months)
    facts = ItemFacts(
        kind=OFSTED,
        issuer="Ofsted",
        reference=number,
        answer=Answer.REGISTERED,
        rating=Rating(rating),
        inspected_on=inspected_on,
    )
    actor = stage.actor(f"{provider['key']}-owner")
    item_id = stage.ids[f"{provider['key']} ofsted"] = add_item(stage.session, actor, stage[provider["key"]], facts)
    submit_item(stage.session, actor, item_id)


def check_ofsted(stage: Stage, checker: str, provider: dict[str, Any]) -> None:
    item_id, actor = stage[f"{provider['key']} ofsted"], stage.actor(checker)
    on = london_day(clock.now(stage.session))
    seen = LookedAt(on, Found.MATCHES, "Name, number, rating and date as stated; the registration is active.")
    record_register_check(stage.session, actor, item_id, "ofsted", seen)
    ticks = {point.key: Tick(seen=True) for point in checklist(kind_of(stage.session, OFSTED))}
    verify_item(stage.session, actor, item_id, how="Read the latest report on the register.", ticks=ticks)


def doubt(stage: Stage, checker: str, papers: Iterable[Piece], kind: str) -> None:
    """A checker proposes to refuse a paper; a second one has not looked at it yet."""
    words = "It is word for word the policy of another organisation, whose name was painted over on two pages."
    for piece in papers:
        if piece.paper.kind == kind and piece.item_id:
            propose_refusal(stage.session, stage.actor(checker), piece.item_id, Reason.NOT_GENUINE, words)


def _mistyped(reference: str) -> str:
    """One nought short, as happens."""
    return reference.replace("-0", "-", 1)


def _wanted(provider: dict[str, Any]) -> Iterable[tuple[str, list[str] | None]]:
    yield from ((kind, None) for kind in _OF_AN_ORGANISATION)
    for person in provider["practitioners"]:
        yield "dbs_enhanced", person
        if person[2]:
            yield ("fmc_accreditation" if person[2] == "FMC" else "professional_registration"), person


def _paper(
    stage: Stage, dice: Random, kind: str, provider: dict[str, Any], person: list[str] | None, state: str
) -> Paper:
    words = kinds()[kind]
    starts_on = _start(stage, dice, words["months"], state)
    names = {
        "provider": provider["name"],
        "body": person[2] if person else "",
        "registration": person[3] if person else "",
    }
    return Paper(
        kind=kind,
        holder=person[0] if person else provider["name"],
        provider=provider["name"],
        issuer=dice.choice(words["issuers"]).format_map(names),
        reference=words["reference"].format_map({**names, "year": starts_on.year, "number": dice.randint(1, 99)}),
        starts_on=starts_on,
        expires_on=_end(starts_on, words["months"]),
        cover_pence=words.get("cover"),
        profession=person[1] if person else "",
    )


def _start(stage: Stage, dice: Random, months: int, state: str) -> date:
    """In date since before the story began and for months to come, unless it is to have expired, or to end soon."""
    today = stage.calendar.today
    if state == "expired":
        return today - EXPIRED_SINCE - YEAR
    if state == "renewal":
        return today + ENDS_SOON - YEAR
    if state == "waiting":
        return today - timedelta(days=dice.randint(15, 40))
    return today - timedelta(days=dice.randint(185, 300 if months == 12 else 500))


def _end(starts_on: date, months: int) -> date | None:
    return starts_on + YEAR * (months // 12) if months else None


def _renewed(paper: Paper) -> Paper:
    """The same cover for the year after, under the next number."""
    starts_on = (paper.expires_on or paper.starts_on) + timedelta(days=1)
    return Paper(
        kind=paper.kind,
        holder=paper.holder,
        provider=paper.provider,
        issuer=paper.issuer,
        reference=f"{paper.reference}-R",
        starts_on=starts_on,
        expires_on=starts_on + YEAR,
        cover_pence=paper.cover_pence,
    )


def _file_name(paper: Paper) -> str:
    return f"{kinds()[paper.kind]['title']} - {paper.holder} {paper.starts_on.year}.pdf"
