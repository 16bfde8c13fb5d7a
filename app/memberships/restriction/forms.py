"""What a person types to restrict a provider, or to lift a restriction."""

from typing import ClassVar

from pydantic import Field

from app.accounts.forms import EmailAddress
from app.providers.rules.restriction import Proposal, RestrictionReason
from app.web.forms import Form


class ProposalForm(Form):
    WORDS: ClassVar[dict[str, str]] = {
        "reason": "Select the reason",
        "words": "Say what has happened, for the person who decides",
        "told": "Write what the provider is to read",
        "contact": "Enter the e-mail address to which the provider may write",
    }

    reason: RestrictionReason = Field(title="the reason")
    words: str = Field(title="what has happened", max_length=2000)
    told: str = Field(title="what the provider reads", max_length=1000)
    contact: EmailAddress

    def proposal(self) -> Proposal:
        return Proposal(**self.model_dump())


class LiftForm(Form):
    lift_reason: str = Field(title="why it can be lifted", max_length=1000)
