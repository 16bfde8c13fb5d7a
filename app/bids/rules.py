"""What may happen to a bid. Pure: no database, no request, no clock."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from enum import StrEnum
from typing import Final
from uuid import UUID, uuid5

from app.bids.letters.rules import STANDING, Letter, Question, missing, too_long, whole_team
from app.briefs.rules import Phase
from app.core.london import LONDON, time_in_words
from app.core.refusals import Refusal
from app.core.words import listed
from app.evidence.rules import Standing
from app.memberships.rules import why_not_relied_on

__all__ = ["Letter", "missing"]


class BidState(StrEnum):
    DRAFT = "draft"
    SUBMITTED = "submitted"
    WITHDRAWN = "withdrawn"


class Answer(StrEnum):
    """What an owner says who was asked for its provider to be a partner."""

    AGREE = "agree"
    DECLINE = "decline"
    TAKE_BACK = "take_back"


class Consent(StrEnum):
    """What a partner has said to the share and the part that a letter gives it."""

    NOT_ASKED = "not_asked"
    ASKED = "asked"
    AGREED = "agreed"
    DECLINED = "declined"
    CHANGED = "changed"
    STANDS = "stands"
    GONE = "gone"


MOVES: Final = {
    ("submit", BidState.DRAFT): BidState.SUBMITTED,
    ("submit", BidState.SUBMITTED): BidState.SUBMITTED,
    ("submit", BidState.WITHDRAWN): BidState.SUBMITTED,
    ("withdraw", BidState.SUBMITTED): BidState.WITHDRAWN,
}
"""Submitting over a submitted bid replaces it; a withdrawn bid comes back by being submitted again."""


CLOSED: Final = "closed"
RECEIPT_FIELDS: Final = frozenset(
    ("reference", "received_at", "brief", "brief_version", "content_sha256", "snapshot_sha256")
)


def statement(
    *,
    reference: str,
    received_at: datetime,
    brief: str,
    brief_version: int,
    content_sha256: str,
    snapshot_sha256: str,
) -> dict[str, str | int]:
    """What a receipt says and its signature is over; the moment to the microsecond, in UTC."""
    return {
        "reference": reference,
        "received_at": received_at.astimezone(UTC).isoformat(timespec="microseconds"),
        "brief": brief,
        "brief_version": brief_version,
        "content_sha256": content_sha256,
        "snapshot_sha256": snapshot_sha256,
    }


def why_not_start(*, phase: Phase, eligible: Collection[Refusal]) -> Refusal | None:
    """A member bids for an open brief, and only while it may act in the brief's lot and region."""
    if phase is not Phase.OPEN:
        return _closed(phase)
    return next(iter(eligible), None)


def why_not_submit(
    *,
    state: BidState,
    phase: Phase,
    eligible: Collection[Refusal],
    bid_id: UUID,
    letter: Letter,
    asked: Sequence[Question] = STANDING,
    named: Refusal | None = None,
    price: Refusal | None = None,
    partners: Refusal | None = None,
    alone: Refusal | None = None,
) -> Refusal | None:
    """`phase` is the brief's at the time of receipt, asked under the brief's lock. The deadline is said before all else.

    `asked` is what the brief asks; `named`, `price` and `partners` are what speaks against the practitioners, the price and
    the partners of the letter; `alone` what speaks against a bid of this bidder at all, whatever its letter says.
    """
    if phase is not Phase.OPEN:
        return _closed(phase)
    if ("submit", state) not in MOVES:
        return Refusal("state", f"A bid that is {state} cannot be submitted.")
    if eligible:
        return next(iter(eligible))
    if alone:
        return alone
    if lacking := missing(letter, asked):
        return Refusal("missing", f"Your bid does not yet say {listed(lacking)}.", (f"/bids/{bid_id}", "Complete it"))
    if words := too_long(letter, asked):
        return Refusal("too_long", words, (f"/bids/{bid_id}", "Shorten it"))
    if words := whole_team(letter):
        return Refusal("parts", words, (f"/bids/{bid_id}#team", "Say it"))
    return named or price or partners


def why_not_named(
    name: str, people: Collection[Mapping[str, tuple[Standing, str]]], *, provider_id: UUID, bid_id: UUID
) -> Refusal | None:
    """Why this practitioner cannot be relied on: `people` are the provider's current ones of that name.

    Each comes with the standing of every kind of evidence that the lot wants of a person, by the kind's name, and what is
    against it, if anything is known. Another
    person's certificate says nothing of this one.
    """
    if not people:
        words = f"{name} is not one of the provider’s current practitioners."
        return Refusal("practitioner", words, (f"/bids/{bid_id}", "Name another practitioner"))
    lacking = min(
        ([held for held in person.items() if held[1][0] is not Standing.VERIFIED] for person in people), key=len
    )
    return next((why_not_relied_on(provider_id, f"{kind} of {name}", *stands) for kind, stands in lacking), None)


@dataclass(frozen=True, slots=True)
class Partnered:
    """A partner whom a letter names. Why it may not act there is between it and its agency, and whether it bids its own secret."""

    name: str
    consent: Consent
    may_act: bool = True


def consent(asked: bool, same: bool, agreed: bool, declined: bool, stands: bool) -> Consent:
    """`same`: what it was asked for is what the letter says now; `stands`: the submitted bid rests on what it agreed to."""
    if not asked:
        return Consent.NOT_ASKED
    if not same:
        return Consent.STANDS if stands else Consent.CHANGED
    return Consent.AGREED if agreed else Consent.DECLINED if declined else Consent.ASKED


TO_ASK: Final = (Consent.NOT_ASKED, Consent.CHANGED, Consent.DECLINED)
_CONSENTS: Final = {
    Consent.NOT_ASKED: "has not been asked yet whether it agrees to its share and part.",
    Consent.ASKED: "has not answered yet. Its owner is asked to agree, in the service.",
    Consent.DECLINED: "has declined to be a partner in this bid.",
    Consent.CHANGED: "was asked about another share or part than your bid says now. Ask it again.",
    Consent.STANDS: "has agreed to another share or part, on which the bid you sent rests. Take that bid back, then ask it.",
    Consent.GONE: "is no longer a member of a consortium that you lead.",
}


def why_not_partners(partners: Sequence[Partnered], *, bid_id: UUID) -> Refusal | None:
    """Each partner may act there itself, and has agreed to what the letter says. Whoever has agreed does not bid alone as well."""
    for one in partners:
        if not one.may_act:
            return _may_not_act(one, bid_id)
        if one.consent is not Consent.AGREED:
            return Refusal("partner_consent", f"{one.name} {_CONSENTS[one.consent]}", _partners_of(bid_id))
    return None


def why_not_ask(partners: Sequence[Partnered], *, bid_id: UUID) -> Refusal | None:
    """Nobody is asked anew while a bid stands with what they agreed to: their consent would end, and the bid would not.

    Nor is anybody asked who may not act there, as the bid could not be sent with it.
    """
    for one in partners:
        if one.consent is Consent.STANDS:
            return Refusal("stands", f"{one.name} {_CONSENTS[one.consent]}", _partners_of(bid_id))
        if one.consent in TO_ASK and not one.may_act:
            return _may_not_act(one, bid_id)
    return None


def _may_not_act(partner: Partnered, bid_id: UUID) -> Refusal:
    words = f"{partner.name} cannot act here today, so it cannot be a partner."
    return Refusal("partner_eligible", words, _partners_of(bid_id))


def _partners_of(bid_id: UUID) -> tuple[str, str]:
    return f"/bids/{bid_id}/check#partners", "See your partners"


def why_not_alone(engaged: bool) -> Refusal | None:
    """`engaged`: the bidder has agreed to be a partner in another's bid for the brief."""
    if not engaged:
        return None
    words = "Your organisation has agreed to be a partner in another bid for this brief, so it cannot bid as well."
    return Refusal("engaged", words, ("/partnerships", "See what you agreed to"))


def why_not_decline_brief(*, submitted: UUID | None, engaged: bool) -> Refusal | None:
    """What keeps a provider from "not this time": its own bid, `submitted`, or another's in which it is a partner.

    Whether that other one is submitted its owners alone are shown, so the words say what to do in either case.
    """
    if submitted:
        words = "Your bid is submitted. Withdraw it before you say “not this time”."
        return Refusal("submitted", words, (f"/bids/{submitted}", "Go to your bid"))
    if engaged:
        words = (
            "Your organisation has agreed to be a partner in another bid for this brief. An owner takes that agreement back "
            "before you say “not this time”. If that bid is submitted, ask its lead to take it back first."
        )
        return Refusal("engaged", words, ("/partnerships", "See what you agreed to"))
    return None


def why_not_agree(*, phase: Phase, bids: bool, elsewhere: bool) -> Refusal | None:
    """`bids`: its own bid for the brief is submitted; `elsewhere`: it has agreed to be a partner in another one."""
    if phase is not Phase.OPEN:
        return _closed(phase)
    if bids:
        return Refusal(
            "bids", "Your own bid for this brief is submitted. Take it back before you agree to be a partner."
        )
    if elsewhere:
        return Refusal(
            "engaged", "Your organisation is a partner in another bid for this brief. Take that agreement back first."
        )
    return None


def why_not_as_asked(seen: str | None, asked: str) -> Refusal | None:
    """Nobody agrees to what they did not read. `seen` is what the page says they were asked, None where nobody looked."""
    if seen in (None, asked):
        return None
    return Refusal(
        "changed", "You have been asked anew since you opened this page. Read your share and part again, then answer."
    )


def why_not_take_back(*, phase: Phase, submitted: bool, unconfirmed: bool = False) -> Refusal | None:
    """`submitted`: a bid that stands rests on the agreement; `unconfirmed`: it was for what the brief asked before a material
    change, and so was the agreement. Without it the bid cannot be confirmed, and what is not confirmed is not read.
    """
    if phase is not Phase.OPEN:
        return _closed(phase)
    if submitted and not unconfirmed:
        return Refusal("submitted", "The bid is submitted with your agreement. Ask its lead to take it back first.")
    return None


def why_not_as_seen(seen: str | None, digest: str) -> Refusal | None:
    """Nobody sends what they did not read. `seen` is the digest of the letter on their page, None where nobody looked."""
    if seen in (None, digest):
        return None
    return Refusal("changed", "The bid has changed since you opened this page. Read it again before you submit it.")


def why_not_as_received(shown: str | None, standing: str) -> Refusal | None:
    """Nobody takes back what they did not know was sent. `shown` is the receipt on their page, None where nobody looked."""
    if shown in (None, standing):
        return None
    words = "Another bid was sent since you opened this page, and this is its receipt. Read it before you take that bid back."
    return Refusal("replaced", words)


def needs_confirming(received_for: int | None, material_version: int) -> bool:
    """Whether what was received for a version of the brief no longer answers what it asks for (state machine 9)."""
    return received_for is not None and received_for < material_version


def why_not_as_amended(read: int | None, material_version: int) -> Refusal | None:
    """Nobody answers a brief that they did not read. `read` is the version on their page, None where nobody looked.

    A material change leaves working days, so nobody is refused for it at the deadline.
    """
    if read is None or read >= material_version:
        return None
    return Refusal(
        "amended", "The brief has changed since you opened this page. Read what changed before you send your bid."
    )


def version_read(read: int | None, version: int) -> int:
    """The version of the brief that a bid is received for: the one on its sender's page, which says what it answers.

    That a minor change came since holds nobody up at the deadline.
    """
    return version if read is None else min(read, version)


def why_not_overwrite(seen: str | None, digest: str, *, bid_id: UUID) -> Refusal | None:
    """Nobody writes over what they did not read, in an older window or beside a colleague."""
    if seen in (None, digest):
        return None
    words = (
        "This bid was saved in another window, or by a colleague, after you opened this page. Your words are still here, not "
        "saved yet. Save again to put them in place of what is saved."
    )
    return Refusal("saved_meanwhile", words, (f"/bids/{bid_id}/check", "Read what is saved"))


def why_not_withdraw(*, state: BidState, phase: Phase) -> Refusal | None:
    if phase is not Phase.OPEN:
        return _closed(phase)
    if ("withdraw", state) not in MOVES:
        return Refusal("state", f"A bid that is {state} cannot be withdrawn.")
    return None


def why_not_save(*, phase: Phase) -> Refusal | None:
    return None if phase is Phase.OPEN else _closed(phase)


def above_budget(letter: Letter, budget_pence: int | None) -> bool:
    """A warning, never a refusal: the agency decides what it can pay."""
    return budget_pence is not None and letter.price_pence > budget_pence


def to_the_second(moment: datetime) -> str:
    """'Monday 23 November 2026, 11:59:59 London time'."""
    return _in_london(moment, "%H:%M:%S")


def to_the_millisecond(moment: datetime) -> str:
    """'Monday 23 November 2026, 12:00:00.041 London time'."""
    return _in_london(moment, f"%H:%M:%S.{moment.microsecond // 1000:03}")


def _in_london(moment: datetime, shape: str) -> str:
    local = moment.astimezone(LONDON)
    return f"{local:%A} {local.day} {local:%B %Y}, {time_in_words(moment, shape)} London time"


def to_the_minute(moment: datetime) -> str:
    """'11:59', London time."""
    return f"{moment.astimezone(LONDON):%H:%M}"


def library_of(provider_id: UUID) -> UUID:
    """What a provider's library is called where its keys are asked for: a name that stands on no timeline of the provider."""
    return uuid5(provider_id, "library of answers")


def _closed(phase: Phase) -> Refusal:
    words = {
        Phase.DRAFT: "This brief is not published.",
        Phase.CANCELLED: "This brief has been cancelled.",
    }.get(phase, "This brief has closed. Bids can no longer be sent, replaced or withdrawn.")
    return Refusal(CLOSED, words)
