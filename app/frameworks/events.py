"""What is written down about frameworks and rounds."""

from app.core.audit import declare

CREATED = declare("framework.created", "wrote the framework {framework}")
REVISED = declare("framework.revised", "changed the draft of the framework {framework}: {parts}")
APPROVED = declare(
    "framework.approved",
    "approved the framework {framework}; agreement version {version}, SHA-256 of all it states {sha256}",
)
DBS_FILE_OFF = declare("framework.dbs_file_off", "decided for {framework} that the record alone of a DBS is asked for")
DBS_FILE_ON = declare("framework.dbs_file_on", "decided for {framework} that the file of a DBS is asked for as well")
QUESTIONS_WRITTEN = declare("framework.questions_written", "wrote version {version} of the questions of {framework}")
QUESTIONS_FROZEN = declare(
    "framework.questions_frozen", "approved version {version} of the questions of {framework}; SHA-256 {sha256}"
)
EXTENSION_PROPOSED = declare(
    "framework.extension_proposed", "proposed to extend {framework} to {until}, because: {reason}"
)
EXTENDED = declare("framework.extended", "extended {framework} to {until}")
ROUND_OPENED = declare("framework.round_opened", "set up {round}, open from {opens_at} to {closes_at} (UTC)")
ROUND_EXTENDED = declare("framework.round_extended", "extended {round} to {closes_at} (UTC), because: {reason}")
ROUND_CANCELLED = declare(
    "framework.round_cancelled", "cancelled {round}, which was to close at {closes_at} (UTC), because: {reason}"
)
JOINING_ASKED = declare("framework.joining_asked", "asked to let {body} call off from {day}")
LEAVING_ASKED = declare("framework.leaving_asked", "asked to end the right of {body} to call off with {day}")
ACCESSION_WITHDRAWN = declare("framework.accession_withdrawn", "withdrew what was asked for {body}")
JOINED = declare("framework.joined", "put {body} on the call-off list from {day}")
LEFT = declare("framework.left", "ended the time of {body} on the call-off list with {day}")
