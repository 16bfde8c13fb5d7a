"""What happens to providers and their practitioners, each in one sentence."""

from app.core import audit

PROVIDER_LISTED = audit.declare("provider.listed", "wrote down {name} from a list; nobody has claimed it yet")
PROVIDER_REGISTERED = audit.declare("provider.registered", "registered {name} and accepted the terms of {terms}")
PROFILE_UPDATED = audit.declare("provider.profile_updated", "changed the profile: {changed}")
THERAPIES_CHOSEN = audit.declare("provider.therapies_chosen", "chose the therapies offered, now {count}")
AREAS_CHOSEN = audit.declare("provider.areas_chosen", "chose the areas covered, now {count}")
NUMBERS_TOLD = audit.declare("provider.numbers_told", "told the official numbers: {changed}")
RECORD_CONFIRMED = audit.declare(
    "provider.record_confirmed", "confirmed that the record on the central digital platform is current"
)
PROVIDER_PAUSED = audit.declare("provider.paused", "paused the provider: no new referrals until it returns")
PROVIDER_PAUSED_UNTIL = audit.declare("provider.paused_until", "paused the provider: no new referrals until {until}")
PROVIDER_RETURNED = audit.declare("provider.returned", "brought the provider back from its pause")
DUPLICATES_SUGGESTED = audit.declare("provider.duplicates_suggested", "found {count} that may be the same provider")
NONE_OF_THESE = audit.declare(
    "provider.none_of_these", "was shown similar providers ({count}) and said that it is none of them"
)
DUPLICATE_SETTLED = audit.declare("provider.duplicate_settled", "said that {name} and {other} are {outcome}")
SITE_ADDED = audit.declare("site.added", "added the site {name}")
SITE_CHANGED = audit.declare("site.changed", "changed the site {name}: {changed}")
SITE_CLOSED = audit.declare("site.closed", "closed the site {name}")
CONSORTIUM_STARTED = audit.declare("consortium.started", "started the consortium {name}")
CONSORTIUM_INVITED = audit.declare("consortium.invited", "invited {known_as} to the consortium {name}")
CONSORTIUM_ACCEPTED = audit.declare("consortium.accepted", "accepted for {provider} to be in the consortium {name}")
CONSORTIUM_DECLINED = audit.declare("consortium.declined", "declined for {known_as} to be in the consortium {name}")
CONSORTIUM_LEFT = audit.declare("consortium.left", "took {provider} out of the consortium {name}")
CONSORTIUM_ENDED = audit.declare("consortium.ended", "ended the consortium {name}")
PROVIDER_ARCHIVED = audit.declare("provider.archived", "closed {name} here for good")
PRACTITIONER_ADDED = audit.declare("practitioner.added", "added the practitioner {name}")
PRACTITIONER_LEFT = audit.declare("practitioner.left", "recorded that the practitioner {name} has left")
PRACTITIONER_RETURNED = audit.declare("practitioner.returned", "recorded that the practitioner {name} is back")
PRACTITIONER_UPDATED = audit.declare("practitioner.updated", "recorded {what} of {name}")
PRACTITIONER_ENTRY_REMOVED = audit.declare("practitioner.entry_removed", "removed {what} of {name}")
PRACTITIONERS_IMPORTED = audit.declare(
    "practitioner.imported",
    "added {count} practitioners from a spreadsheet of {rows} rows; {skipped} were here already",
)
SERVICES_CHANGED = audit.declare("provider.services_changed", "changed the services: {changed}")
