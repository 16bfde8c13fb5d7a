"""One text searched for everything at once."""

from collections.abc import Iterable, Iterator

from app.briefs.identity.dates import dates_in
from app.briefs.identity.kinds import LOOKS_LIKE, Finding, Hit
from app.briefs.identity.numbers import numbers_in
from app.briefs.identity.people import people_in
from app.briefs.identity.places import places_in, towns_in
from app.briefs.identity.plain import plain
from app.briefs.identity.runs import words_of
from app.briefs.identity.unusual import unusual_in


def identifying(text: str, *, around: str = "", near: str = "") -> list[Finding]:
    """Everything in the text that could identify a child or family, in its order.

    `around` is what else its readers see beside it: an exact age there makes a rare condition here a finding.
    `near` is the district the brief names, if it names one: a town within it is a finding, and so is what few families there have.
    """
    seen, beside = plain(text), plain(around)
    words = words_of(seen.text)
    people = list(people_in(words))
    hits = [
        *numbers_in(seen.text),
        *dates_in(seen.text),
        *places_in(seen.text, words),
        *people,
        *unusual_in(seen.text, beside.text, words, words_of(beside.text), near),
        *(_no_persons(towns_in(words, near), people) if near else ()),
    ]
    return [_finding(text, hit.kind, *seen.typed(hit.start, hit.end)) for hit in _apart(hits)]


def pieces(text: str, findings: Iterable[Finding]) -> Iterator[tuple[str, Finding | None]]:
    """The text cut at its findings, for a page that marks them in place."""
    at = 0
    for finding in findings:
        if at < finding.start:
            yield text[at : finding.start], None
        yield finding.excerpt, finding
        at = finding.end
    if at < len(text):
        yield text[at:], None


def each_once(findings: Iterable[Finding]) -> list[str]:
    """What there is to say of them: of words that stand in a text twice, once."""
    return list(dict.fromkeys(finding.words for finding in findings))


def _no_persons(towns: Iterable[Hit], people: list[Hit]) -> Iterator[Hit]:
    """Those of the towns that are no part of a name: "they came to Sarah"."""
    named = {letter for one in people for letter in range(one.start, one.end)}
    return (town for town in towns if town.start not in named)


def _apart(hits: list[Hit]) -> list[Hit]:
    """No two of them share a letter: the longer one takes it, then the kind that stands first in the list of kinds."""
    order = {kind: place for place, kind in enumerate(LOOKS_LIKE)}
    taken: set[int] = set()
    kept: list[Hit] = []
    for hit in sorted(hits, key=lambda one: (one.start - one.end, order[one.kind], one.start)):
        letters = range(hit.start, hit.end)
        if taken.isdisjoint(letters):
            taken.update(letters)
            kept.append(hit)
    return sorted(kept, key=lambda one: one.start)


def _finding(text: str, kind: str, start: int, end: int) -> Finding:
    excerpt = text[start:end]
    return Finding(kind, excerpt, f"“{excerpt}” looks like {LOOKS_LIKE[kind]}.", start, end)
