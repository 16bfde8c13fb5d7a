"""What is written down about briefs."""

from app.core.audit import declare

DRAFTED = declare("brief.drafted", "wrote the brief {reference}")
REVISED = declare("brief.revised", "changed the draft of brief {reference}")
PUBLISHED = declare("brief.published", "published brief {reference}, closing on {closes_at}, and invited {invited}")
CANCELLED = declare("brief.cancelled", "cancelled brief {reference}: {reason}")
DECLINED = declare("brief.declined", "said “not this time” to brief {reference}: {reason}")
WORDS_ASKED = declare(
    "brief.words_asked", "asked that words the identity guard found in brief {reference} may stay: {count}"
)
WORDS_RELEASED = declare(
    "brief.words_released", "let words through that the identity guard had found in brief {reference}: {count}"
)
