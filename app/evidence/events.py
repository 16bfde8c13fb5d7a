"""What happens to evidence, each in one sentence. Documents are named by kind, never by content."""

from app.core import audit

ITEM_ADDED = audit.declare("evidence.added", "added {kind}{of}{whose}")
ITEM_STATED = audit.declare("evidence.stated", "stated that {kind} expires on {day}; nobody has checked it")
ITEM_CHANGED = audit.declare("evidence.changed", "changed the facts of {kind}")
ITEM_SUBMITTED = audit.declare("evidence.submitted", "sent {kind} for checking")
ITEM_VERIFIED = audit.declare("evidence.verified", "verified {kind} for {organisation}")
ITEM_RETURNED = audit.declare("evidence.returned", "returned {kind} for {organisation}: {reason}")
REFUSAL_PROPOSED = audit.declare("evidence.refusal_proposed", "proposed to refuse {kind} for {organisation}: {reason}")
REFUSAL_SENT_BACK = audit.declare("evidence.refusal_sent_back", "did not confirm the refusal of {kind}: {note}")
REFUSAL_WITHDRAWN = audit.declare("evidence.refusal_withdrawn", "took back the proposal to refuse {kind}")
ITEM_REFUSED = audit.declare("evidence.refused", "confirmed the refusal of {kind} for {organisation}: {reason}")
SECOND_LOOK_AGREED = audit.declare("evidence.second_look_agreed", "looked at {kind} again and agreed with {first}")
SECOND_LOOK_DISAGREED = audit.declare(
    "evidence.second_look_disagreed",
    "looked at {kind} again for {organisation} and disagreed with {first}, so it waits for a new check",
)
CHECK_TAKEN = audit.declare("evidence.check_taken", "took {kind} to check it")
CHECK_RELEASED = audit.declare("evidence.check_released", "put {kind} back into the queue")
REGISTER_LOOKED_AT = audit.declare("evidence.register_looked_at", "looked at the {register} for {kind}: {result}")
REGISTER_ASKED = audit.declare("evidence.register_asked", "asked the {register} about {kind}: {result}")
CAPTURE_UPLOADED = audit.declare("evidence.capture_uploaded", "captured what a register shows as {file_name}")
ITEM_REPLACED = audit.declare("evidence.replaced", "replaced an older {kind} by verifying a newer one")
DOCUMENT_UPLOADED = audit.declare("document.uploaded", "uploaded {file_name}")
DOCUMENT_CLEAN = audit.declare("document.found_clean", "found {file_name} free of viruses ({scanner})")
DOCUMENT_INFECTED = audit.declare("document.found_infected", "found a virus in {file_name} and deleted it ({scanner})")
DOCUMENT_SCAN_FAILED = audit.declare("document.scan_failed", "could not scan {file_name}; it stays closed ({scanner})")
DOCUMENT_OPENED = audit.declare("document.opened", "opened the file of {kind}{of}{whose}")
REMINDER_ADDRESS_GIVEN = audit.declare("evidence.reminder_address_given", "gave an address to remind {practitioner} at")
REMINDER_ADDRESS_ENDED = audit.declare(
    "evidence.reminder_address_ended", "took away the address to remind {practitioner} at"
)
DBS_RECORDED = audit.declare("evidence.dbs_recorded", "wrote down the record of {kind}")
DBS_NEEDS_NEW = audit.declare(
    "evidence.dbs_needs_new",
    "wrote down that a new certificate is needed in the place of {kind}, so it no longer counts",
)
DBS_CORRECTED = audit.declare(
    "evidence.dbs_corrected",
    "corrected a status check of {kind} that had been written down wrongly, so it counts again",
)
DOCUMENT_PURGED = audit.declare("document.purged", "deleted the file under the rule “{rule}”; its SHA-256 was {sha256}")
PEOPLE_FORGOTTEN = audit.declare(
    "retention.people_forgotten",
    "took the names of {practitioners} and of {people} from the record under the rule “{rule}”",
)
HOLD_SET = audit.declare("retention.hold_set", "set a legal hold on {provider}: {reason}")
HOLD_LIFTED = audit.declare("retention.hold_lifted", "lifted the legal hold on {provider}: {reason}")
