"""Keeping one truth of what both a page of the profile and an item of evidence tell."""

import re
from collections.abc import Callable
from dataclasses import replace
from typing import Any, Final
from uuid import UUID

from sqlmodel import Session

from app.core.actor import Actor
from app.core.refusals import refuse_if
from app.evidence import queries, rules
from app.evidence.policy import KEEPERS
from app.evidence.queries.told import held_of, told, told_of, untold_number
from app.evidence.rules import ItemFacts, KindFacts
from app.evidence.rules.told import NUMBERS, Part, Told, differing, found, part_of, started, why_not_correct
from app.providers import commands as providers
from app.providers.models import Practitioner
from app.providers.queries import body_patterns, part_as_typed


def linked(
    session: Session, actor: Actor, provider_id: UUID, kind: KindFacts, facts: ItemFacts
) -> tuple[ItemFacts, Told | None]:
    """The facts with the entry that they prove, and what was told of it before.

    An official number or a registration that no page tells yet is written there too: it is asked for once.
    """
    known = told(session, kind, provider_id)
    theirs = {one.key for one in known if one.whose == facts.practitioner_id}
    facts = replace(
        facts,
        registration_id=facts.registration_id if facts.registration_id in theirs else None,
        qualification_id=facts.qualification_id if facts.qualification_id in theirs else None,
    )
    match = found(known, facts) or _of_that_body(session, kind, provider_id, known, facts)
    if match:
        entry = match.facts
        return replace(facts, registration_id=entry.registration_id, qualification_id=entry.qualification_id), match
    part = part_of(kind)
    if part is Part.NUMBER and (field := untold_number(session, kind, provider_id, facts.reference)):
        if facts.reference:
            providers.tell_number(session, actor, provider_id, field, facts.reference)
    elif part is Part.REGISTRATION and facts.practitioner_id and facts.reference:
        entry_id = providers.keep_registration(
            session,
            actor,
            facts.practitioner_id,
            body_slug=_body(session, facts.issuer),
            number=facts.reference,
            expires_on=facts.expires_on,
        )
        facts = replace(facts, registration_id=entry_id)
    return facts, None


def settle(session: Session, actor: Actor, item_id: UUID, *, by_evidence: bool) -> None:
    """Say which of two places is right, and put the other right; where they agree it changes nothing.

    Raises `Refused` where the evidence has been sent already, or leaves empty what the page says.
    """
    item, kind = queries.own_item(session, actor, item_id, *KEEPERS, lock=True)
    facts = queries.facts_of(item)
    match = told_of(session, kind, item.provider_id, facts)
    if match is None or not differing(kind, match, facts):
        return
    if by_evidence:
        refuse_if(why_not_correct(match, facts))
        _correct(session, actor, item.provider_id, match, facts)
    else:
        refuse_if(rules.why_not_change(submitted=item.submitted_at is not None))
        for name in ("issuer", "reference", "starts_on", "expires_on"):
            setattr(item, name, getattr(started(facts, match), name))


def _of_that_body(
    session: Session, kind: KindFacts, provider_id: UUID, known: tuple[Told, ...], facts: ItemFacts
) -> Told | None:
    """The person's entry with the body that issued this, of which no evidence is held: then the number has changed."""
    if part_of(kind) is not Part.REGISTRATION or not facts.issuer:
        return None
    proven = {held.registration_id for held in held_of(session, kind, provider_id).values()}
    body = _body(session, facts.issuer)
    return next(
        (
            one
            for one in known
            if body
            and one.whose == facts.practitioner_id
            and one.facts.registration_id not in proven
            and _body(session, one.facts.issuer) == body
        ),
        None,
    )


def _body(session: Session, issuer: str) -> str | None:
    """The body of that name: 'HCPC', 'Health and Care Professions Council' or both."""
    typed = issuer.casefold()
    for slug, (name, _) in body_patterns(session).items():
        if name.casefold() in typed or slug.casefold() in re.findall(r"\w+", typed):
            return slug
    return None


_KEPT: Final[dict[Part, tuple[Callable[..., Any], dict[str, str]]]] = {
    Part.REGISTRATION: (providers.keep_registration, {"number": "reference", "expires_on": "expires_on"}),
    Part.QUALIFICATION: (providers.keep_qualification, {"awarding_body": "issuer"}),
    Part.SUPERVISION: (providers.keep_supervision, {"supervisor": "issuer"}),
    Part.INSURANCE: (providers.keep_insurance, {"insurer": "issuer", "expires_on": "expires_on"}),
    Part.DBS: (providers.record_dbs, {"certificate_number": "reference", "issued_on": "starts_on"}),
}
"""What keeps each part of a person's record, and which of an item's facts it holds under which name."""

_OF_THE_ROW: Final = ("id", "practitioner_id", "added_at", "recorded_at", "recorded_by")


def _correct(session: Session, actor: Actor, provider_id: UUID, match: Told, facts: ItemFacts) -> None:
    """Write what the item says onto the page that says otherwise; what it leaves open stays as it was there."""
    if match.part is Part.NUMBER:
        providers.tell_number(session, actor, provider_id, NUMBERS[facts.kind], facts.reference)
        return
    keep, names = _KEPT[match.part]
    person = session.get_one(Practitioner, match.whose)
    row = part_as_typed(session, person, match.part, match.key)
    kept = {name: value for name, value in row.items() if name not in _OF_THE_ROW}
    kept |= {name: said for name, fact in names.items() if (said := getattr(facts, fact))}
    entry = {"entry_id": match.key} if match.key != match.whose else {}
    keep(session, actor, person.id, **kept, **entry)
