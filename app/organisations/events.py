"""What happens to organisations and who belongs to them, in words that follow a person's name."""

from app.core import audit

ADDED = audit.declare("organisation.added", "added the organisation {name}")
INVITED = audit.declare("organisation.invited", "invited {email} to be {role}")
INVITATION_WITHDRAWN = audit.declare("organisation.invitation_withdrawn", "withdrew the invitation of {email}")
INVITATION_ACCEPTED = audit.declare("organisation.invitation_accepted", "accepted the invitation to be {role}")
SEAT_GIVEN = audit.declare("organisation.seat_given", "gave {name} the role {role}")
SEAT_ENDED = audit.declare("organisation.seat_ended", "ended the role {role} of {name}")
JOIN_SOUGHT = audit.declare("organisation.join_sought", "asked to join an organisation")
JOIN_ASKED = audit.declare("organisation.join_asked", "asked to join")
JOIN_ACCEPTED = audit.declare("organisation.join_accepted", "let {name} join as {role}")
JOIN_REFUSED = audit.declare("organisation.join_refused", "did not let {name} join")
LEFT = audit.declare("organisation.left", "left {name}")
DIRECTORY_LOADED = audit.declare(
    "organisation.directory_loaded", "loaded the directory of agencies: {added} rows added, {corrected} corrected"
)
DIRECTORY_CHANGED = audit.declare(
    "organisation.directory_changed", "recorded a {kind}: from {day} {authorities} went from {before} to {after}{ended}"
)
SIGNER_RECORDED = audit.declare("organisation.signer_recorded", "recorded that {signer} signs for {agency} from {day}")
