"""How well a brief fits a provider, in plain words. Pure."""

from collections.abc import Collection
from dataclasses import dataclass

from app.core.refusals import Refusal


@dataclass(frozen=True, slots=True)
class Fit:
    """`against` keeps the provider from bidding; `said` is what speaks for it, or should be known."""

    against: Refusal | None
    said: tuple[str, ...]


def fit(
    *,
    reasons: Collection[Refusal],
    places: Collection[tuple[str, int, int, bool]],
    areas: tuple[int, int],
    therapies: int,
) -> Fit:
    """`places` are (therapy, places, weeks to wait, gone stale); `areas` how many of the region's authorities it serves, of how
    many; `therapies` how many of the lot's it offers.
    """
    said = []
    free = [(name, count, weeks) for name, count, weeks, stale in places if count and not stale]
    if free:
        count, weeks = sum(one[1] for one in free), min(one[2] for one in free)
        wait = "no wait" if not weeks else f"{weeks} week{'' if weeks == 1 else 's'} to wait"
        said.append(f"{count} place{'' if count == 1 else 's'} free, {wait}")
    elif any(stale for *_, stale in places):
        said.append("What you said of your capacity is out of date")
    else:
        said.append("No places free" if places else "No capacity stated")
    served, of = areas
    if of:
        one = "You serve its one authority" if served else "You do not serve its one authority"
        said.append(one if of == 1 else f"You serve {served} of its {of} authorities")
    if therapies:
        said.append(f"You offer {therapies} of the lot’s therapies")
    return Fit(next(iter(reasons), None), tuple(said))
