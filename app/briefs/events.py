"""What is written down about briefs."""

from app.core.audit import declare

DRAFTED = declare("brief.drafted", "wrote the brief {reference}")
REVISED = declare("brief.revised", "changed the draft of brief {reference}")
PUBLISHED = declare("brief.published", "published brief {reference}, closing on {closes_at}, and invited {invited}")
CANCELLED = declare("brief.cancelled", "cancelled brief {reference}: {reason}")
DECLINED = declare("brief.declined", "said “not this time” to brief {reference}: {reason}")
ROUTED = declare("brief.routed", "recorded how the provider is found for brief {reference}: {route}")
COPIED = declare("brief.copied", "began it as a copy of brief {reference}")
ADVICE_LEFT = declare("brief.advice_left", "left the checker’s advice on brief {reference} as it is: {advice}")
