"""When a framework and a round are open, and what a lot needs. Pure."""

from enum import StrEnum


class Service(StrEnum):
    TRAINING = "training"
    SPECIALIST_ASSESSMENT = "specialist_assessment"
    MEDIATION = "mediation"
    THERAPEUTIC_INTERVENTION = "therapeutic_intervention"
    SHORT_BREAKS = "short_breaks"


class PriceUnit(StrEnum):
    HOUR = "hour"
    SESSION = "session"
    ASSESSMENT = "assessment"
    DAY = "day"
    PLACE = "place"
