"""Who may propose an award, to whom, and who may approve or reject it."""

from collections.abc import Collection, Sequence

from app.awards.rules.scoring import Ranked
from app.briefs.rules import Phase
from app.clarifications.identity import giveaways, without
from app.core.refusals import Refusal
from app.core.scoring import LEAST_REASON


def why_not_compare(
    *, phase: Phase, proposed: bool, bids: int, unscored: int, prices_sealed: bool = False
) -> Refusal | None:
    """Whether the ranking is ready for an award at all, whoever should win. `prices_sealed`: the second envelope is not opened."""
    if phase is not Phase.OPENED:
        return Refusal("not_open", "An award is proposed after the opening, once.")
    if proposed:
        return Refusal("proposed", "An award has been proposed and waits for its approval.")
    if bids == 0:
        return Refusal("no_bids", "No bid stands, so there is nothing to award.")
    if unscored:
        return Refusal(
            "unscored",
            "A bid has no assessor without an interest in its provider. Add an assessor who can score it.",
        )
    if prices_sealed:
        return Refusal("prices", "The prices are sealed. An award is proposed once two people have opened them.")
    return None


def needs_reason(bid: Ranked) -> bool:
    """The best bid alone at the top needs none; a tie or a lower rank does."""
    return bid.tied or bid.rank > 1


def why_not_propose(bid: Ranked, *, reason: str, ineligible: Sequence[Refusal]) -> Refusal | None:
    """Whether this bid may be proposed. `ineligible` are the reasons its provider may not win today (state machine 11)."""
    if ineligible:
        return Refusal("ineligible", f"This provider cannot win today. {ineligible[0].words}")
    if needs_reason(bid) and len(reason) < LEAST_REASON:
        words = "It shares the first place" if bid.tied and bid.rank == 1 else "It is not the bid ranked first"
        return Refusal("reason", f"{words}, so give your reason in at least {LEAST_REASON} characters.")
    return None


def why_not_tell(bid: Ranked, *, reason: str, winner: str, others: Collection[str], is_told: bool) -> Refusal | None:
    """Whether letters may give this reason to those who read one: it may name the `winner`, and none of the `others` who bid.

    `is_told`: who wrote the reason was told who reads it.
    """
    if not needs_reason(bid):
        return None
    if not is_told:
        words = "This award was proposed before letters gave its reason. Reject it, and have it proposed anew."
        return Refusal("not_told", words)
    if named := _named(reason, winner, others):
        return Refusal("names", f"Several bidders read the reason in their letters, and it may not name {named}.")
    return None


def _named(text: str, winner: str, others: Collection[str]) -> str | None:
    """Which of the others stands in the text; the longest names first, as one may be a part of another, or of the winner's."""
    for name in sorted({winner, *others}, key=lambda name: (-len(name), name)):
        if name == winner:
            text = without(text, name)
        elif giveaways(text, (name,), ()):
            return name
    return None


def why_not_decide(*, phase: Phase, proposed: bool, proposer: bool, assessor: bool, conflicted: bool) -> Refusal | None:
    """Whether this approver may approve or reject the award: neither its proposer, nor an assessor, nor interested."""
    if phase is not Phase.OPENED or not proposed:
        return Refusal("nothing", "No award waits for a decision.")
    if proposer:
        return Refusal("same_person", "You proposed this award. Another approver of your agency decides.")
    if assessor:
        return Refusal("assessor", "You assessed these bids. An approver who did not decides.")
    if conflicted:
        return Refusal("conflicted", "You have an interest in one of the providers. Another approver decides.")
    return None


def why_not_as_ranked(seen: str | None, ranked: str) -> Refusal | None:
    """Nobody proposes out of a ranking that they did not read. `seen` is the digest on their page, None where nobody looked."""
    if seen in (None, ranked):
        return None
    words = "The scores have changed since you opened this page. Read the ranking again before you propose a winner."
    return Refusal("ranked_anew", words)


def why_not_win(ineligible: Sequence[Refusal]) -> Refusal | None:
    """Whether the proposed winner may still win at the moment of approval."""
    if ineligible:
        return Refusal("ineligible", f"The proposed winner is not eligible today. {ineligible[0].words}")
    return None
