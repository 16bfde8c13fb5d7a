"""Whether a provider covers where a family lives, and why, in words. Pure.

What counts is what the provider says of itself. No national table of postcodes is at hand: a district is not matched to an
authority, and a distance is not measured.
"""

from collections.abc import Collection
from dataclasses import dataclass
from enum import StrEnum

from app.providers.rules.offering import area, covers


class Covered(StrEnum):
    """From the surest answer to the least sure; `NOT_KNOWN` where the provider has said nothing that could answer."""

    YES = "Yes"
    TRAVELS = "Yes, by travelling"
    ONLINE = "Yes, online"
    PERHAPS = "Perhaps"
    NO = "Not listed"
    NOT_KNOWN = "Not known"


@dataclass(frozen=True, slots=True)
class Coverage:
    """The answer, and each reason as a sentence about "they"."""

    answer: Covered
    reasons: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Reach:
    """What a provider says of where it works: districts and whole postcode areas, names of authorities, travel, online."""

    districts: Collection[str] = ()
    authorities: Collection[str] = ()
    travels_from: str = ""
    miles: int | None = None
    online: bool = False


def coverage(reach: Reach, *, district: str = "", authority: str = "") -> Coverage:
    """Of a postcode district like LS1, an authority by its name, or both."""
    found = [
        *_by_district(reach, district),
        *_by_authority(reach, authority),
        *([(Covered.ONLINE, "They work online, wherever a family lives.")] if reach.online else []),
    ]
    order = list(Covered)
    found.sort(key=lambda one: order.index(one[0]))
    yes = [one for one in found if one[0] in (Covered.YES, Covered.TRAVELS, Covered.ONLINE)]
    kept = yes or found
    return Coverage(kept[0][0], tuple(words for _, words in kept))


def _by_district(reach: Reach, asked: str) -> list[tuple[Covered, str]]:
    if not asked:
        return []
    found = []
    if covers(asked, reach.districts):
        listed = asked if asked in reach.districts else f"all of {area(asked)}"
        found.append((Covered.YES, f"They list {listed} among the places they cover."))
    elif reach.districts:
        found.append((Covered.NO, f"{asked} is not among the postcode districts they list."))
    else:
        found.append((Covered.NOT_KNOWN, "They have listed no postcode districts."))
    if reach.miles:
        words = f"They travel up to {reach.miles} {'mile' if reach.miles == 1 else 'miles'} from {reach.travels_from}"
        if asked == reach.travels_from:
            found.append((Covered.TRAVELS, f"{words}, which is here."))
        elif area(asked) == area(reach.travels_from):
            found.append(
                (Covered.PERHAPS, f"{words}, in the same postcode area. Distances are not measured here: ask.")
            )
        else:
            found.append((Covered.NO, f"{words}, which is in another postcode area."))
    return found


def _by_authority(reach: Reach, asked: str) -> list[tuple[Covered, str]]:
    if not asked:
        return []
    if asked in reach.authorities:
        return [(Covered.YES, f"They work with families of {asked}.")]
    if reach.authorities:
        return [(Covered.NO, f"{asked} is not among the authorities they work with.")]
    return [(Covered.NOT_KNOWN, "They have listed no authorities.")]
