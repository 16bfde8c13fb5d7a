"""What the keyholder does alike for the bids and for their prices: the first of two approvals gets its proof, the second the keys.

Whether a person may give the next is asked before, by `opening` and `prices`, each of what it opens.
"""

import hmac
from collections.abc import Callable
from dataclasses import dataclass
from typing import Final
from uuid import UUID

from sqlmodel import Session

from app.awards.approving import AGAIN
from app.awards.queries.approvals import Envelope, given
from app.awards.two_people import ApprovalByTwo
from app.bids.confirming.queries import unconfirmed_bids
from app.briefs.models import Brief
from app.core import audit
from app.core.actor import Actor
from app.core.audit import Event
from app.core.crypto import Keyring, Unreadable
from app.core.refusals import Refusal, Refused
from app.core.sealing import unwrap_with
from app.keyholder.keys import key_of, private_key
from app.sealing.asking import Released
from app.sealing.rules import Holder

UNPROVEN: Final = Refusal(
    "unproven",
    "The first approval was not given to the keyholder by a person who was signed in, so nothing is opened by it.",
)
ALTERED: Final = Refusal(
    "altered",
    "The key of this brief is not as the keyholder made it. Nothing is opened. Tell the platform’s administrators.",
)


@dataclass(frozen=True, slots=True)
class Sealed:
    """What two people open before the keyholder.

    `said` is what an approval's code is over. `wraps` are of each bid that stands its letter and the data key as wrapped to the
    brief, bound to `bound_to`. `always_proved`: also of a brief that has no key, as it was published before there was a keyholder
    and nothing is sealed to it, the first approval must be one that the keyholder saw.
    """

    envelope: Envelope
    approved: Event
    released: Event
    said: Callable[[Brief, UUID], bytes]
    wraps: Callable[[Session, UUID], list[tuple[UUID, UUID, bytes]]]
    bound_to: Callable[[UUID], bytes]
    always_proved: bool

    def approve(self, session: Session, actor: Actor, brief: Brief, master: Keyring) -> str:
        """The first approval, as a code that nobody else can make. Raises `Refused`."""
        if given(session, brief.id, self.envelope):
            raise Refused(AGAIN)
        audit.record(session, self.approved, actor=actor, subject=brief.id)
        return self.witness(master, brief, actor.known)

    def release(self, session: Session, actor: Actor, brief: Brief, master: Keyring) -> Released:
        """The second approval, and the data keys of what stands, and of none that a material change left unconfirmed.

        Raises `Refused`.
        """
        before = given(session, brief.id, self.envelope)
        if len(before) != 1:
            raise Refused(AGAIN)
        key = key_of(session, Holder.BRIEF, brief.id)
        if (key or self.always_proved) and not self.is_witnessed(master, brief, before[0]):
            raise Refused(UNPROVEN)
        audit.record(session, self.released, actor=actor, subject=brief.id)
        own = self.witness(master, brief, actor.known)
        if key is None:
            return Released(own, {})
        unconfirmed = unconfirmed_bids(session, brief)
        try:
            private = private_key(master, key)
            return Released(
                own,
                {
                    letter_id: unwrap_with(private, wrap, bound_to=self.bound_to(bid_id))
                    for bid_id, letter_id, wrap in self.wraps(session, brief.id)
                    if bid_id not in unconfirmed
                },
            )
        except Unreadable:
            raise Refused(ALTERED) from None

    def witness(self, master: Keyring, brief: Brief, person_id: UUID) -> str:
        """What stands on the row of an approval that the keyholder has seen given."""
        return made(master, self.said(brief, person_id))

    def is_witnessed(self, master: Keyring, brief: Brief, approval: ApprovalByTwo) -> bool:
        return is_made(master, self.said(brief, approval.person_id), approval.witness)


def made(master: Keyring, message: bytes, *, key_id: str | None = None) -> str:
    """A code over a message that nobody else can make, with its key's name before it."""
    key_id = key_id or master.current
    return f"{key_id}:{master.mac(message, key_id=key_id).hex()}"


def is_made(master: Keyring, message: bytes, code: str) -> bool:
    try:
        return hmac.compare_digest(made(master, message, key_id=code.rpartition(":")[0] or None), code)
    except Unreadable:
        return False
