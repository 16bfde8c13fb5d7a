"""What is written down about briefs."""

from app.core.audit import declare

DRAFTED = declare("brief.drafted", "wrote the brief {reference}")
REVISED = declare("brief.revised", "changed the draft of brief {reference}")
PUBLISHED = declare("brief.published", "published brief {reference}, closing on {closes_at}, and invited {invited}")
CANCELLED = declare("brief.cancelled", "cancelled brief {reference}: {reason}")
WITHDRAWN = declare("brief.withdrawn", "withdrew the draft of brief {reference}: {reason}")
NO_SUITABLE_BID = declare(
    "brief.no_suitable_bid", "ended brief {reference} without an award, no bid being suitable: {reason}"
)
DECLINED = declare("brief.declined", "said “not this time” to brief {reference}: {reason}")
AMENDMENT_PROPOSED = declare("brief.amendment_proposed", "proposed a {kind} change of brief {reference}: {changed}")
AMENDMENT_DROPPED = declare("brief.amendment_dropped", "dropped a proposed change of brief {reference}: {changed}")
AMENDED = declare(
    "brief.amended",
    "published version {version} of brief {reference}, {kind}: {changed}; it closes on {closes_at}, and all invited were told",
)
APPROVED = declare("brief.approved", "approved brief {reference}, the first of two approvers")
LIMIT_SET = declare("brief.limit_set", "set the budget above which two approve a brief to {now}; it was {before}")
DECLINE_UNDONE = declare("brief.decline_undone", "took “not this time” back for brief {reference}")
ALERT_SAVED = declare("alert.saved", "saved an alert for new briefs: {often}")
ALERT_ENDED = declare("alert.ended", "ended an alert for new briefs")
CALENDAR_MADE = declare("calendar.made", "made a secret address for their calendar of deadlines")
CALENDAR_ENDED = declare("calendar.ended", "ended the secret address of their calendar of deadlines")
