"""What is written down about frameworks and rounds."""

from app.core.audit import declare

CREATED = declare("framework.created", "wrote the framework {framework}")
APPROVED = declare(
    "framework.approved", "approved the framework {framework}; agreement version {version}, SHA-256 {sha256}"
)
ROUND_OPENED = declare("framework.round_opened", "set up {round}, open from {opens_at} to {closes_at} (UTC)")
