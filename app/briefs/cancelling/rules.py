"""Who may ask that a published brief is cancelled, and who agrees to it. Pure. Source: state machine 7."""

from app.briefs.rules import Phase, why_not_cancel
from app.core.refusals import Refusal


def why_not_ask(*, phase: Phase, chair: bool, waiting: bool) -> Refusal | None:
    """From the close on, only the panel's chair asks."""
    if phase is Phase.DRAFT:
        return Refusal("draft", "This brief is a draft: it is withdrawn, which one person does.")
    if refusal := why_not_cancel(phase=phase, chair=chair):
        return refusal
    if waiting:
        return Refusal("waiting", "Somebody has asked for this already. An approver agrees to it, or declines.")
    return None


def why_not_agree(*, phase: Phase, asker: bool, chair: bool) -> Refusal | None:
    """Why an approver may not agree. `chair`: one of the two is a chair, which is needed from the close on."""
    return why_not_cancel(phase=phase, chair=chair) or why_not_decide(asker=asker)


def why_not_decide(*, asker: bool) -> Refusal | None:
    if asker:
        return Refusal("second_person", "You asked for it. An approver who did not ask agrees to it, or declines.")
    return None


def why_not_drop(*, asker: bool) -> Refusal | None:
    if not asker:
        return Refusal("not_yours", "Only who asked for it takes it back. An approver can decline it, with a reason.")
    return None
