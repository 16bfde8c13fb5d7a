"""What passes by itself, and what goes to a person with the reason it needs one; nothing is refused by itself. Pure."""

from collections.abc import Collection
from dataclasses import dataclass
from typing import Final

from app.applications.scoring.rules.marks import Tally, Verdict
from app.evidence.rules import Standing


@dataclass(frozen=True, slots=True)
class Check:
    """One rule and what it came to, in words: it passed by itself, or a person must look."""

    rule: str
    passed: bool
    words: str


def answered(question: str, passes: Collection[str], answer: str) -> Check:
    """A question of which some answers pass by themselves."""
    rule = f"“{question}” passes with the answer {' or '.join(f'“{one}”' for one in passes)}"
    return Check(rule, answer in passes, f"The answer is “{answer}”." if answer else "It is not answered.")


def evidenced(name: str, standing: Standing) -> Check:
    """A piece of evidence that the lot needs passes when it is verified. Missing, it is no ground to refuse."""
    return Check(f"{name} passes when it is verified", standing is Standing.VERIFIED, _STANDS[standing])


def scored(found: Tally, *, pass_mark: int | None, ranked: bool) -> Check | None:
    """The agreed score: it passes on every threshold and the pass mark; where the best are ranked, a person decides."""
    if found.verdict is Verdict.NOTHING_SCORED and not ranked:
        return None
    if ranked:
        rule = "The best scored are admitted, up to the most members in each region"
        words = "It is not scored yet." if found.total is None else f"It scored {found.total}%; see where it comes."
        return Check(rule, False, words)
    rule = "The score passes on every threshold" + (f" and the pass mark of {pass_mark}%" if pass_mark else "")
    if found.verdict is Verdict.WAITING:
        return Check(rule, False, "It is not scored yet.")
    below = "; ".join(found.below)
    return Check(rule, not below, f"It scored {found.total}%" + (f", but {below}." if below else "."))


def changed() -> Check:
    """Something was returned to the provider, and the change is not made yet."""
    return Check("Every change that was asked for is made", False, "A change is still waited for.")


_STANDS: Final = {
    Standing.MISSING: "There is none yet.",
    Standing.PROMISED: "It is promised by award.",
    Standing.AWAITING_CHECK: "It waits to be checked.",
    Standing.RETURNED: "It was returned to the provider.",
    Standing.VERIFIED: "It is verified.",
    Standing.EXPIRED: "It has expired.",
    Standing.REFUSED: "It was refused.",
    Standing.UNACCEPTED: "Nobody whose check counts has verified it.",
    Standing.UNFIT: "What is held is not what the lot asks for.",
}


def all_pass(checks: Collection[Check]) -> bool:
    """Whether a part passes by itself: there is a rule for it, and every one passed."""
    return bool(checks) and all(check.passed for check in checks)
