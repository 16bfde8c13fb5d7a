"""What the portal knows of every provider already, so that no framework asks for it again without a reason. Pure."""

import re
from dataclasses import dataclass
from enum import StrEnum
from typing import Final


class Known(StrEnum):
    """A fact of the profile, or a kind of evidence by its slug."""

    NAME = "name"
    CONTACT = "contact"
    COMPANY_NUMBER = "company_number"
    CHARITY_NUMBER = "charity_number"
    PPON = "ppon"
    SITES = "sites"
    AREAS = "areas"
    THERAPIES = "therapies"
    SERVICES = "services"
    PRACTITIONERS = "practitioners"
    CAPACITY = "capacity"
    PUBLIC_LIABILITY = "ins_public_liability"
    PROFESSIONAL_INDEMNITY = "ins_professional_indemnity"
    EMPLOYERS_LIABILITY = "ins_employers_liability"
    DBS = "dbs_enhanced"
    PROFESSIONAL_REGISTRATION = "professional_registration"
    QUALIFICATIONS = "modality_qualification"
    SUPERVISION = "clinical_supervision"
    MEDIATION = "fmc_accreditation"
    OFSTED = "ofsted_asa"
    SAFEGUARDING = "safeguarding_policy"
    ICO = "ico_registration"
    DATA_PROTECTION = "data_protection_policy"


@dataclass(frozen=True, slots=True)
class Fact:
    """`name` is what it is called, `where` the place that has it, `phrases` how questions that ask for it are worded."""

    name: str
    where: str
    phrases: tuple[str, ...]


_PROFILE: Final = "the provider’s profile"
_EVIDENCE: Final = "the provider’s evidence"

FACTS: Final = {
    Known.NAME: Fact("Name of the organisation", _PROFILE, ("name of your organisation", "organisation name")),
    Known.CONTACT: Fact("How to reach it", _PROFILE, ("telephone number", "email address", "website", "web site")),
    Known.COMPANY_NUMBER: Fact(
        "Company number", _PROFILE, ("company number", "companies house", "company registration")
    ),
    Known.CHARITY_NUMBER: Fact("Charity number", _PROFILE, ("charity number", "charity commission")),
    Known.PPON: Fact("Public procurement number (PPON)", _PROFILE, ("ppon", "public procurement organisation number")),
    Known.SITES: Fact("Places of work", _PROFILE, ("premises", "your address", "postal address", "step free")),
    Known.AREAS: Fact(
        "Authorities it serves", _PROFILE, ("areas you cover", "areas do you cover", "geographical area")
    ),
    Known.THERAPIES: Fact("Therapies it offers", _PROFILE, ("which therapies", "interventions do you offer")),
    Known.SERVICES: Fact("Services it offers", _PROFILE, ("services you offer", "services do you offer")),
    Known.PRACTITIONERS: Fact("Its practitioners", _PROFILE, ("list of staff", "your practitioners", "names of staff")),
    Known.CAPACITY: Fact("Places free and waiting times", _PROFILE, ("waiting time", "waiting list", "your capacity")),
    Known.PUBLIC_LIABILITY: Fact("Public liability insurance", _EVIDENCE, ("public liability",)),
    Known.PROFESSIONAL_INDEMNITY: Fact("Professional indemnity insurance", _EVIDENCE, ("professional indemnity",)),
    Known.EMPLOYERS_LIABILITY: Fact(
        "Employers’ liability insurance", _EVIDENCE, ("employers liability", "employer s liability")
    ),
    Known.DBS: Fact("Enhanced DBS certificates", _EVIDENCE, ("dbs", "criminal records check")),
    Known.PROFESSIONAL_REGISTRATION: Fact(
        "Professional registration", _EVIDENCE, ("professional registration", "registered with the hcpc", "hcpc number")
    ),
    Known.QUALIFICATIONS: Fact("Qualification for each therapy", _EVIDENCE, ("qualifications",)),
    Known.SUPERVISION: Fact("Clinical supervision", _EVIDENCE, ("clinical supervision",)),
    Known.MEDIATION: Fact("Accreditation of mediators", _EVIDENCE, ("family mediation council", "fmca")),
    Known.OFSTED: Fact("Registration with Ofsted and its rating", _EVIDENCE, ("ofsted",)),
    Known.SAFEGUARDING: Fact("Safeguarding policy", _EVIDENCE, ("safeguarding policy", "child protection policy")),
    Known.ICO: Fact("Data protection fee", _EVIDENCE, ("ico registration", "information commissioner")),
    Known.DATA_PROTECTION: Fact("Data protection policy", _EVIDENCE, ("data protection policy", "gdpr policy")),
}


def recognised(text: str) -> Known | None:
    """What a question's own words ask for, as far as a list of phrases can tell."""
    plain = f" {' '.join(re.findall(r'[a-z0-9]+', text.lower()))} "
    return next((known for known, fact in FACTS.items() if any(f" {p} " in plain for p in fact.phrases)), None)
