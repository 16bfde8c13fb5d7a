"""What the winner signs before it reads a family's referral, and when it may. Pure."""

from typing import Any, Final

from app.core.crypto import canonical, digest
from app.core.refusals import Refusal

PROMISES: Final = (
    "We use the referral only to give the support that was awarded.",
    "Only people who need it for that work read it, and they know that it is confidential.",
    "We keep it safe, within the United Kingdom, and apart from records that others can read.",
    "We tell the agency at once, and within 24 hours, if it is lost, sent to somebody else or seen by them.",
    "When the work has ended we keep what the law says a provider keeps of a child’s record, and delete the rest.",
    "The agency sees who of us opens each document, and when.",
)
"""A default of this service, for an agency's own data protection officer to look at; UK GDPR, articles 5 and 28 to 33."""


def undertaking(*, brief: str, agency: str, provider: str, signer: str) -> dict[str, Any]:
    """Everything that is signed, in a form whose digest anybody can check."""
    return {"brief": brief, "agency": agency, "provider": provider, "signer": signer, "promises": list(PROMISES)}


def fingerprint(content: dict[str, Any]) -> str:
    """The SHA-256 of the undertaking, in hexadecimal."""
    return digest(canonical(content))


def why_not_sign(*, read: str, now: str, restricted: bool) -> Refusal | None:
    """`read` and `now` are the digests of what the page showed and of what would be signed."""
    if refusal := why_not_receive(restricted=restricted):
        return refusal
    if read != now:
        return Refusal("changed", "The undertaking has changed since you opened this page. Read it again.")
    return None


def why_not_receive(*, restricted: bool) -> Refusal | None:
    """A provider that is restricted is given no family's papers while it is."""
    if restricted:
        words = "Your organisation is restricted, so the referral is not handed over for now. Speak to the agency."
        return Refusal("restricted", words)
    return None
