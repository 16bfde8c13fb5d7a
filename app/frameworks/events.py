"""What is written down about frameworks and rounds."""

from app.core.audit import declare

CREATED = declare("framework.created", "wrote the framework {framework}")
REVISED = declare("framework.revised", "changed the draft of the framework {framework}: {parts}")
APPROVED = declare(
    "framework.approved",
    "approved the framework {framework}; agreement version {version}, SHA-256 of all it states {sha256}",
)
QUESTIONS_WRITTEN = declare("framework.questions_written", "wrote version {version} of the questions of {framework}")
QUESTIONS_FROZEN = declare(
    "framework.questions_frozen", "approved version {version} of the questions of {framework}; SHA-256 {sha256}"
)
EXTENSION_PROPOSED = declare(
    "framework.extension_proposed", "proposed to extend {framework} to {until}, because: {reason}"
)
EXTENDED = declare("framework.extended", "extended {framework} to {until}")
ROUND_OPENED = declare("framework.round_opened", "set up {round}, open from {opens_at} to {closes_at} (UTC)")
