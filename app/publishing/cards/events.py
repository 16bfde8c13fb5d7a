"""What happens to public cards, each in one sentence."""

from app.core import audit

CARD_WRITTEN = audit.declare("card.written", "changed the card for families")
CARD_LISTED = audit.declare("card.listed", "showed the card to anybody, {indexing}")
CARD_UNLISTED = audit.declare("card.unlisted", "took the card for families off the public list")
NAME_AGREED = audit.declare("card.name_agreed", "noted that {name} agreed to be named on the card for families")
NAME_ENDED = audit.declare("card.name_ended", "took {name} off the card for families")
