"""What is written down of the keyholder, in sentences: each request, granted or refused.

Whatever could tell that there is a bid has that bid, or the key itself, for its subject and nothing beside it.
"""

from typing import Final

from app.core.audit import declare

BRIEF_KEY_MADE = declare("keyholder.brief_key_made", "had the key made with which bids for this brief are sealed")
OWN_KEY_MADE = declare("keyholder.own_key_made", "had the key made with which their organisation reads its own bids")
KEY_FOLLOWED = declare("keyholder.key_followed", "had the key of the bids bound to the later close of this brief")
KEY_THERE = declare("keyholder.key_there", "asked the keyholder for a key that was there already")
OWN_READ = declare("keyholder.own_read", "had their own sealed bid opened, to read it")
APPROVED = declare(
    "keyholder.approved", "proved to the keyholder who they are, and approved the opening as the first of two"
)
RELEASED = declare(
    "keyholder.released", "approved the opening as the second of two, and the keyholder released the key of the bids"
)
QUALITY_PROVED = declare(
    "keyholder.quality_proved", "proved to the keyholder who they are, to put it on record that the quality is assessed"
)
PRICES_APPROVED = declare(
    "keyholder.prices_approved", "approved the opening of the prices to the keyholder, as the first of two"
)
PRICES_RELEASED = declare(
    "keyholder.prices_released",
    "approved the opening of the prices as the second of two, and the keyholder released their keys",
)
VOUCHED = declare("keyholder.vouched", "vouched for {count} public keys that it had made before")
REFUSED = declare("keyholder.refused", "asked the keyholder to {verb}, and was refused: {why}")
ROTATED = declare("keyholder.rotated", "wrapped {count} keys anew under the master key {key}")

OF_THE_BIDDER: Final = frozenset({OWN_READ.name})
