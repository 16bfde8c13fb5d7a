"""Kinds of organisation, the roles that fit each, and who may give or end them. Pure."""

import re
import unicodedata
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Final

from app.core.refusals import Refusal


class OrganisationKind(StrEnum):
    PROVIDER = "provider"
    RAA = "raa"
    AUTHORITY = "authority"
    LEAD = "lead"
    PLATFORM = "platform"


class Role(StrEnum):
    OWNER = "owner"
    DOCUMENTS = "documents"
    BIDS = "bids"
    CONTRACTS = "contracts"
    READ_ONLY = "read_only"
    COMMISSIONER = "commissioner"
    APPROVER = "approver"
    CHAIR = "chair"
    ASSESSOR = "assessor"
    FRAMEWORK_LEAD = "framework_lead"
    CHECKER = "checker"
    ADMINISTRATOR = "administrator"
    AUDITOR = "auditor"


class Confidence(StrEnum):
    VERIFIED = "verified"
    PARTLY_VERIFIED = "partly verified"
    MEMORY = "memory"


class ChangeKind(StrEnum):
    MERGER = "merger"
    SUCCESSION = "succession"
    SPLIT = "split"
    MOVE = "move"


class LegalForm(StrEnum):
    COUNCIL = "council"
    TRUST = "trust"
    COMPANY = "company"
    VOLUNTARY_AGENCY = "voluntary_agency"


KIND_WORDS: Final = {
    OrganisationKind.PROVIDER: "Provider",
    OrganisationKind.RAA: "Regional adoption agency",
    OrganisationKind.AUTHORITY: "Local authority",
    OrganisationKind.LEAD: "Framework lead",
    OrganisationKind.PLATFORM: "This service’s own staff",
}
ROLE_WORDS: Final = {
    Role.OWNER: ("Owner", "Everything here, and who belongs"),
    Role.DOCUMENTS: ("Documents", "Adds evidence and keeps it up to date"),
    Role.BIDS: ("Bids", "Writes applications and bids"),
    Role.CONTRACTS: ("Contracts", "Works with contracts of engagement"),
    Role.READ_ONLY: ("Read only", "Looks, and changes nothing"),
    Role.COMMISSIONER: ("Commissioner", "Writes briefs and proposes awards"),
    Role.APPROVER: ("Approver", "Approves what a colleague proposes"),
    Role.CHAIR: ("Panel chair", "Chooses assessors and opens bids"),
    Role.ASSESSOR: ("Assessor", "Scores the bids and applications they are asked to assess"),
    Role.FRAMEWORK_LEAD: ("Framework lead", "Runs frameworks and decides applications"),
    Role.CHECKER: ("Checker", "Checks providers’ evidence"),
    Role.ADMINISTRATOR: ("Administrator", "Who belongs, and the settings of the service"),
    Role.AUDITOR: ("Auditor", "Reads what happened, and changes nothing"),
}
_RUNS_FRAMEWORKS: Final = (Role.OWNER, Role.FRAMEWORK_LEAD, Role.APPROVER, Role.CHECKER, Role.ASSESSOR)
_BUYS: Final = (
    Role.OWNER,
    Role.COMMISSIONER,
    Role.APPROVER,
    Role.CHAIR,
    Role.ASSESSOR,
    Role.FRAMEWORK_LEAD,
    Role.CHECKER,
    Role.CONTRACTS,
    Role.READ_ONLY,
    Role.AUDITOR,
)
FITTING: Final = {
    OrganisationKind.PROVIDER: (Role.OWNER, Role.DOCUMENTS, Role.BIDS, Role.CONTRACTS, Role.READ_ONLY),
    OrganisationKind.RAA: _BUYS,
    OrganisationKind.AUTHORITY: _BUYS,
    OrganisationKind.LEAD: (*_RUNS_FRAMEWORKS, Role.READ_ONLY, Role.AUDITOR),
    OrganisationKind.PLATFORM: (Role.ADMINISTRATOR, Role.AUDITOR),
}
MANAGERS: Final = (Role.OWNER, Role.ADMINISTRATOR)
INVITATION_LIFE: Final = timedelta(days=14)
AWAY: Final = timedelta(days=90)

DEAD_INVITATION: Final = Refusal(
    "dead_invitation",
    "This invitation has been used, withdrawn or has run out. Ask the person who sent it for another.",
    ("/", "Go to your first page"),
)


def why_not_give(kind: str, role: str) -> Refusal | None:
    """A role must fit the kind of organisation: a provider has no commissioner."""
    if role in FITTING[OrganisationKind(kind)]:
        return None
    label = ROLE_WORDS[Role(role)][0].lower()
    return Refusal("role_does_not_fit", f"There is no {label} in a {KIND_WORDS[OrganisationKind(kind)].lower()}.")


def why_not_invite(kind: str, role: str, *, holds_it: bool) -> Refusal | None:
    """`holds_it`: the person with that address holds the role here already."""
    if holds_it:
        return Refusal("holds_it_already", "The person with this address holds this role here already.")
    return why_not_give(kind, role)


def why_not_accept(
    *, sent_to: str, email: str, accepted: bool, withdrawn: bool, ends_at: datetime, now: datetime
) -> Refusal | None:
    """An invitation works once, for the address it was sent to, and for a while."""
    if accepted or withdrawn or now >= ends_at:
        return DEAD_INVITATION
    if sent_to != email:
        return Refusal(
            "another_address",
            "This invitation was sent to another e-mail address. Sign out, then sign in with the address it was sent to.",
        )
    return None


def why_not_end(role: str, *, managers: int) -> Refusal | None:
    """Somebody must be left who can invite others. `managers` counts the owners and administrators here now."""
    if role in MANAGERS and managers <= 1:
        label = ROLE_WORDS[Role(role)][0].lower()
        return Refusal("last_manager", f"This is the last {label}. Invite another {label} first.")
    return None


def may_have_left(signed_in_at: datetime | None, given_at: datetime, now: datetime) -> bool:
    """The leaver check: nobody of that seat has signed in for a quarter, so that an owner is asked whether they are still here."""
    return now - max(signed_in_at or given_at, given_at) > AWAY


def why_not_decide(*, decided: bool) -> Refusal | None:
    """A request is answered once; a changed mind invites the person, or ends their role."""
    if not decided:
        return None
    return Refusal("decided_already", "This request has been answered already. Invite the person, or end their role.")


def slug(name: str) -> str:
    """'Bournemouth, Christchurch and Poole' -> 'bournemouth-christchurch-and-poole': how reference rows are named."""
    plain = unicodedata.normalize("NFKD", name).encode("ascii", "ignore").decode().lower().replace("'", "")
    return re.sub(r"[^a-z0-9]+", "-", plain).strip("-")
