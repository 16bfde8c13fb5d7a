"""What a provider is and when it may do what. Pure."""

from enum import StrEnum


class ProviderKind(StrEnum):
    SOLE_PRACTITIONER = "sole_practitioner"
    COMPANY = "company"
    CHARITY = "charity"
    NHS = "nhs"
    SUPPORT_AGENCY = "support_agency"
