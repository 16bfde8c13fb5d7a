"""What is written down about memberships."""

from app.core.audit import declare

OPENED = declare("membership.opened", "opened the membership of {provider} in {lot}, {region}")
SIGNED = declare("membership.signed", "signed agreement version {version}, SHA-256 {sha256}")
ENDED = declare("membership.ended", "ended the membership: {reason}")
CAPACITY_STATED = declare("membership.capacity_stated", "stated the capacity and waiting time of {count} {therapies}")
