"""What is written down about applications and their parts."""

from app.core.audit import declare

STARTED = declare("application.started", "started an application of {provider} to {framework}, {round}")
LOTS_CHOSEN = declare("application.lots_chosen", "chose the lots and regions: {count} in all")
STATEMENT_WRITTEN = declare("application.statement_written", "wrote the statement")
SUBMITTED = declare("application.submitted", "submitted the application, SHA-256 {sha256}")
WITHDRAWN = declare("application.withdrawn", "withdrew the application")
PART_ACCEPTED = declare("application.part_accepted", "accepted {lot}, {region}")
REFUSAL_PROPOSED = declare("application.refusal_proposed", "proposed to refuse {lot}, {region}: {reason}")
PART_REFUSED = declare("application.part_refused", "confirmed the refusal of {lot}, {region}: {reason}")
