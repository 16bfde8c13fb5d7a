"""What is written down about memberships."""

from app.core.audit import declare

OPENED = declare("membership.opened", "opened the membership of {provider} in {lot}, {region}")
SIGNED = declare("membership.signed", "signed agreement version {version}, SHA-256 {sha256}")
ENDED = declare("membership.ended", "ended the membership: {reason}")
FLOOR_DECIDED = declare("membership.floor_decided", "decided about {provider}, {rating}: {choice}. {reason}")
