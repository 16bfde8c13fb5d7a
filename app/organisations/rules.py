"""Kinds of organisation, roles and who may give them. Pure."""

from enum import StrEnum


class OrganisationKind(StrEnum):
    PROVIDER = "provider"
    RAA = "raa"
    AUTHORITY = "authority"
    LEAD = "lead"
    PLATFORM = "platform"


class Role(StrEnum):
    OWNER = "owner"
    DOCUMENTS = "documents"
    BIDS = "bids"
    CONTRACTS = "contracts"
    READ_ONLY = "read_only"
    COMMISSIONER = "commissioner"
    APPROVER = "approver"
    CHAIR = "chair"
    ASSESSOR = "assessor"
    FRAMEWORK_LEAD = "framework_lead"
    CHECKER = "checker"
    ADMINISTRATOR = "administrator"
    AUDITOR = "auditor"


class Confidence(StrEnum):
    VERIFIED = "verified"
    PARTLY_VERIFIED = "partly verified"
    MEMORY = "memory"
