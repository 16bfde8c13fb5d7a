"""How what a provider holds stands with what a lot asks for, and the same in words. Pure."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final
from uuid import UUID

from app.core.money import pounds
from app.evidence.rules.ofsted import ANSWERS, RATINGS, Answer, Rating, below
from app.evidence.rules.requirements import AllOf, AnyOf, Needs, Rule
from app.evidence.rules.worth import Standing, best, weakest

_VERIFIED: Final = (Standing.VERIFIED, Standing.UNACCEPTED)
_SETTLED: Final = (Standing.VERIFIED, Standing.EXPIRED)


@dataclass(frozen=True, slots=True)
class Piece:
    """What the engine sees of one item: what it is worth on the day, and the facts that conditions ask about.

    `awaited` says whose check an agency still awaits; `person_id` is the practitioner who holds it, where one does.
    """

    standing: Standing
    reference: str = ""
    cover_pence: int | None = None
    answer: Answer | None = None
    rating: Rating | None = None
    item_id: UUID | None = None
    awaited: str = ""
    person_id: UUID | None = None


@dataclass(frozen=True, slots=True)
class BelowFloor:
    """A rating that the lead must decide about: of which item, and in words."""

    item_id: UUID | None
    words: str


@dataclass(frozen=True, slots=True)
class Finding:
    """How a provider stands with a rule.

    `against` says what is wrong with what is held, or whose check is awaited, `below_floor` what is with its rating. `lapsed`:
    something that did has expired, and what is to take its place is not verified yet.
    """

    words: str
    standing: Standing
    against: str = ""
    below_floor: BelowFloor | None = None
    lapsed: bool = False
    parts: "tuple[Finding, ...]" = field(default=())

    @property
    def met(self) -> bool:
        return self.standing is Standing.VERIFIED

    def floors(self) -> Iterator[BelowFloor]:
        """Every rating below a floor, in this rule and in its parts."""
        if self.below_floor:
            yield self.below_floor
        for part in self.parts:
            yield from part.floors()


def in_words(rule: Rule, names: Mapping[str, str]) -> str:
    """'Any one of: accreditation (suffix A or P), or membership'. `names` are the kinds' names by slug."""
    if isinstance(rule, AnyOf):
        return f"Any one of: {_either([_inner(part, names) for part in rule.parts])}"
    if isinstance(rule, AllOf):
        return _both([_inner(part, names) for part in rule.parts])
    conditions = "; ".join(_conditions(rule))
    name = names.get(rule.kind, rule.kind)
    return f"{name} ({conditions})" if conditions else name


def weigh(rule: Rule, held: Mapping[str, Sequence[Piece]], names: Mapping[str, str]) -> Finding:
    """How what is held, by kind, stands with a rule: any one of several counts by the best, all of them by the worst."""
    words = in_words(rule, names)
    if isinstance(rule, Needs):
        return _weigh_kind(rule, held.get(rule.kind, ()), words)
    parts = tuple(weigh(part, held, names) for part in rule.parts)
    choose = best if isinstance(rule, AnyOf) else weakest
    standing = choose([part.standing for part in parts])
    against = "; ".join(part.against for part in parts if part.against) if standing is not Standing.VERIFIED else ""
    lapsed = standing not in _SETTLED and any(part.lapsed or part.standing is Standing.EXPIRED for part in parts)
    return Finding(words, standing, against, lapsed=lapsed, parts=parts)


def _weigh_kind(rule: Needs, pieces: Sequence[Piece], words: str) -> Finding:
    faults = [(piece, _fault(rule, piece)) for piece in pieces]
    fitting = [piece for piece, fault in faults if not fault]
    if rule.where_held and not any(piece.standing in _VERIFIED for piece in pieces):
        return Finding(words, Standing.VERIFIED)
    if fitting:
        standing = best(piece.standing for piece in fitting)
        awaited = next((piece.awaited for piece in fitting if piece.standing is standing), "")
        lapsed = standing not in _SETTLED and any(piece.standing is Standing.EXPIRED for piece in fitting)
        return Finding(words, standing, awaited, _below_floor(rule, fitting), lapsed)
    against = next((fault for piece, fault in faults if piece.standing is not Standing.MISSING), "")
    return Finding(words, Standing.UNFIT if against else Standing.MISSING, against)


def _fault(rule: Needs, piece: Piece) -> str:
    """Why this item does not do, in words. A fact that is not told yet speaks against nothing until it is checked."""
    if piece.standing is Standing.UNFIT:
        return "a status check says that a new certificate is needed"
    told_by_now = piece.standing in (*_VERIFIED, Standing.EXPIRED)
    reference = piece.reference.replace(" ", "").upper()
    if rule.suffixes and (reference or told_by_now) and not reference.endswith(rule.suffixes):
        return f"the number {piece.reference or 'that is missing'} does not end in {_either(rule.suffixes)}"
    if rule.minimum_cover_pence is not None and (piece.cover_pence is not None or told_by_now):
        cover = piece.cover_pence or 0
        if cover < rule.minimum_cover_pence:
            return f"the cover is {_money(cover)}"
    if rule.answers and (piece.answer or told_by_now) and piece.answer not in rule.answers:
        return f"the answer is “{ANSWERS[piece.answer]}”" if piece.answer else "it has no answer"
    return ""


def _below_floor(rule: Needs, pieces: Sequence[Piece]) -> BelowFloor | None:
    """The rating that is below the floor, of what is registered, verified and inspected."""
    if rule.floor is None:
        return None
    for piece in pieces:
        counts = piece.standing in _VERIFIED and piece.answer is Answer.REGISTERED
        if counts and piece.rating and below(piece.rating, rule.floor):
            return BelowFloor(piece.item_id, f"{RATINGS[piece.rating]}, below the floor of {RATINGS[rule.floor]}")
    return None


def _conditions(rule: Needs) -> Iterator[str]:
    if rule.suffixes:
        yield f"suffix {_either(rule.suffixes)}"
    if rule.minimum_cover_pence is not None:
        yield f"cover of {_money(rule.minimum_cover_pence)} or more"
    if rule.answers:
        yield _either([_lower(ANSWERS[answer]) for answer in rule.answers])
    if rule.floor:
        yield f"{RATINGS[rule.floor]} or better where registered"
    elif rule.where_held:
        yield "where there is one"


def _inner(rule: Rule, names: Mapping[str, str]) -> str:
    words = in_words(rule, names)
    return f"({_lower(words)})" if isinstance(rule, AnyOf) else words


def _money(pence: int) -> str:
    return pounds(pence).removesuffix(".00")


def _lower(words: str) -> str:
    return words[:1].lower() + words[1:]


def _either(words: Sequence[str]) -> str:
    """'a', 'a or b'; of longer ones, 'a, or b'."""
    comma = "," if len(words) > 2 or any(" " in word for word in words) else ""
    return (
        " ".join(part for part in (", ".join(words[:-1]) + comma, f"or {words[-1]}") if part) if words[1:] else words[0]
    )


def _both(words: Sequence[str]) -> str:
    return " and ".join(part for part in (", ".join(words[:-1]), words[-1]) if part)
