"""What is written down about frameworks and rounds."""

from app.core.audit import declare

CREATED = declare("framework.created", "wrote the framework {framework}")
APPROVED = declare(
    "framework.approved", "approved the framework {framework}; agreement version {version}, SHA-256 {sha256}"
)
DBS_FILE_OFF = declare("framework.dbs_file_off", "decided for {framework} that the record alone of a DBS is asked for")
DBS_FILE_ON = declare("framework.dbs_file_on", "decided for {framework} that the file of a DBS is asked for as well")
ROUND_OPENED = declare("framework.round_opened", "set up {round}, open from {opens_at} to {closes_at} (UTC)")
JOINING_ASKED = declare("framework.joining_asked", "asked to let {body} call off from {day}")
LEAVING_ASKED = declare("framework.leaving_asked", "asked to end the right of {body} to call off with {day}")
ACCESSION_WITHDRAWN = declare("framework.accession_withdrawn", "withdrew what was asked for {body}")
JOINED = declare("framework.joined", "put {body} on the call-off list from {day}")
LEFT = declare("framework.left", "ended the time of {body} on the call-off list with {day}")
