"""Looking at evidence: what a provider holds, what a checker has to do, what a kind is worth on a day."""

from app.evidence.queries.holdings import (
    Decision,
    Held,
    decisions,
    facts_of,
    held,
    history,
    item_page,
    own_item,
    snapshot,
    standing_of,
    standings,
    whose,
)
from app.evidence.queries.kinds import kind_facts, kind_of, kinds
from app.evidence.queries.opening import (
    DocumentView,
    document_to_open,
    documents,
    is_needed,
    may_read,
    same_content,
    scans,
    unscanned,
)
from app.evidence.queries.queue import QUEUE, Check, checks, item_for_check

__all__ = [
    "QUEUE",
    "Check",
    "Decision",
    "DocumentView",
    "Held",
    "checks",
    "decisions",
    "document_to_open",
    "documents",
    "facts_of",
    "held",
    "history",
    "is_needed",
    "item_for_check",
    "item_page",
    "kind_facts",
    "kind_of",
    "kinds",
    "may_read",
    "own_item",
    "same_content",
    "scans",
    "snapshot",
    "standing_of",
    "standings",
    "unscanned",
    "whose",
]
