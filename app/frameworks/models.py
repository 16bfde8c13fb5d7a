"""Rule sets, frameworks, lots, regions, call-off lists, rounds, required evidence, criteria and questions as stored."""

from datetime import date, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import BigInteger, CheckConstraint, Index, UniqueConstraint, text
from sqlmodel import Field, SQLModel

from app.core.rows import identity, json_column, lines_column, one_of, refers_to
from app.frameworks.rules import Admission, Answering, Carry, Known, Mechanism, PriceUnit, Service, StandstillKind, Way
from app.organisations.rules import Confidence


class RuleSet(SQLModel, table=True):
    """The law a framework stands under, as data: term cap, re-opening clocks, how members join, standstill and notices.

    Where `first_reopen_within_years` is told, it is of open frameworks, and the years count for their scheme. The standstill is
    in working days, or in days in a row for `standstill_calendar`; the clocks have a source of their own.
    """

    __tablename__ = "rule_set"
    __table_args__ = (one_of("confidence", Confidence), one_of("standstill", StandstillKind))

    slug: str = Field(primary_key=True, max_length=40)
    name: str = Field(max_length=120)
    max_years: int | None = None
    first_reopen_within_years: int | None = None
    next_reopen_within_years: int | None = None
    standstill: str = Field(default=StandstillKind.NONE, max_length=20)
    standstill_days: int | None = None
    standstill_calendar: bool = False
    details_notice_days: int | None = None
    clocks_source: str = Field(default="", max_length=500)
    joining: str = Field(default="", max_length=500)
    note: str = Field(default="", max_length=1000)
    source: str = Field(max_length=500)
    confidence: str = Field(max_length=20)


class Framework(SQLModel, table=True):
    """Approved by somebody other than its writer, by constraint; the text of its agreement is what members sign.

    `sha256` is of `rules.frozen_text` as approved. `follows_id` is the framework before it in an open framework scheme.
    """

    __tablename__ = "framework"
    __table_args__ = (
        one_of("way", Way),
        CheckConstraint("ends_on > starts_on", name="term"),
        CheckConstraint("approved_by IS NULL OR approved_by <> created_by", name="two_people"),
        CheckConstraint("extendable_to >= ends_on", name="extendable_to"),
        CheckConstraint("scheme_ends_on >= ends_on", name="scheme_ends_on"),
        CheckConstraint("follows_id IS NULL OR scheme_ends_on IS NOT NULL", name="scheme"),
        CheckConstraint("estimated_value_pence > 0", name="estimated_value"),
        CheckConstraint("fee_basis_points BETWEEN 0 AND 1000", name="fee"),
    )

    id: UUID = identity()
    slug: str = Field(max_length=80, unique=True)
    name: str = Field(max_length=200)
    lead_id: UUID = refers_to("organisation.id")
    rule_set_slug: str = Field(foreign_key="rule_set.slug")
    summary: str = Field(max_length=4000)
    agreement_text: str = Field(max_length=20000)
    agreement_version: str = Field(max_length=20)
    selection_process: str = Field(max_length=2000)
    starts_on: date
    ends_on: date
    estimated_value_pence: int | None = Field(default=None, sa_type=BigInteger)
    extendable_to: date | None = None
    way: str = Field(default=Way.MINI_COMPETITION, max_length=20)
    direct_award: str = Field(default="", max_length=2000)
    fee_basis_points: int = 0
    follows_id: UUID | None = refers_to("framework.id", nullable=True)
    scheme_ends_on: date | None = None
    source: str = Field(default="", max_length=300)
    sha256: str = Field(default="", max_length=64)
    created_at: datetime
    created_by: UUID | None = refers_to("person.id", nullable=True, index=False)
    approved_at: datetime | None = None
    approved_by: UUID | None = refers_to("person.id", nullable=True, index=False)
    withdrawn_at: datetime | None = None
    countersigned: bool = False  # somebody of the lead signs each agreement, too, before the member may be invited
    wants_dbs_file: bool = True  # beside the record of a DBS certificate, which is always kept


class FrameworkExtension(SQLModel, table=True):
    """A change of a framework's last day, proposed by one person and made by another; one at a time waits."""

    __tablename__ = "framework_extension"
    __table_args__ = (
        CheckConstraint("approved_by IS NULL OR approved_by <> proposed_by", name="two_people"),
        CheckConstraint("(approved_at IS NULL) = (approved_by IS NULL)", name="approved_by_somebody"),
        CheckConstraint("ends_on > ended_on", name="later"),
        Index(
            "uq_framework_extension_waiting",
            "framework_id",
            unique=True,
            sqlite_where=text("approved_at IS NULL"),
            postgresql_where=text("approved_at IS NULL"),
        ),
    )

    id: UUID = identity()
    framework_id: UUID = refers_to("framework.id", index=False)
    ended_on: date
    ends_on: date
    reason: str = Field(max_length=1000)
    proposed_at: datetime
    proposed_by: UUID = refers_to("person.id", index=False)
    approved_at: datetime | None = None
    approved_by: UUID | None = refers_to("person.id", nullable=True, index=False)


class Lot(SQLModel, table=True):
    """`requirement` is the rule its members' evidence must meet; where it is empty, every kind of `LotRequirement` is needed.

    Its headline price is `ceiling_pence` for a `price_unit`; every further unit is a `LotRate`.
    """

    __tablename__ = "lot"
    __table_args__ = (
        one_of("service", Service),
        one_of("price_unit", PriceUnit),
        UniqueConstraint("framework_id", "number"),
        UniqueConstraint("id", "framework_id"),
        CheckConstraint("ceiling_pence > 0", name="ceiling"),
        one_of("mechanism", Mechanism),
        one_of("admission", Admission),
        CheckConstraint("(admission = 'ranked') = (max_members IS NOT NULL)", name="ranked"),
        CheckConstraint("pass_mark BETWEEN 0 AND 100", name="pass_mark"),
        CheckConstraint("max_members > 0", name="max_members"),
    )

    id: UUID = identity()
    framework_id: UUID = refers_to("framework.id")
    number: int
    name: str = Field(max_length=120)
    service: str = Field(max_length=40)
    description: str = Field(max_length=4000)
    price_unit: str = Field(max_length=20)
    ceiling_pence: int = Field(sa_type=BigInteger)
    requirement: dict[str, Any] = json_column()
    mechanism: str = Field(default=Mechanism.QUOTE_UNDER_CEILING, max_length=20)
    topics: list[str] = lines_column()
    outcomes: list[str] = lines_column()
    monitoring: list[str] = lines_column()
    admission: str = Field(default=Admission.PASS_MARK, max_length=20)
    pass_mark: int | None = None
    max_members: int | None = None


class LotRate(SQLModel, table=True):
    """The most that a further unit of a lot may cost; where `is_fixed`, what it costs."""

    __tablename__ = "lot_rate"
    __table_args__ = (one_of("unit", PriceUnit), CheckConstraint("pence > 0", name="pence"))

    lot_id: UUID = Field(foreign_key="lot.id", primary_key=True)
    unit: str = Field(primary_key=True, max_length=20)
    pence: int = Field(sa_type=BigInteger)
    is_fixed: bool = False
    position: int


class LotTherapy(SQLModel, table=True):
    __tablename__ = "lot_therapy"

    lot_id: UUID = Field(foreign_key="lot.id", primary_key=True)
    therapy_slug: str = Field(foreign_key="therapy.slug", primary_key=True, max_length=60)


class Region(SQLModel, table=True):
    """A part of a framework's area, in its own terms: often an agency's authorities."""

    __tablename__ = "region"
    __table_args__ = (UniqueConstraint("framework_id", "name"), UniqueConstraint("id", "framework_id"))

    id: UUID = identity()
    framework_id: UUID = refers_to("framework.id")
    name: str = Field(max_length=120)
    pan_region_id: UUID | None = refers_to("pan_region.id", nullable=True)


class RegionAuthority(SQLModel, table=True):
    __tablename__ = "region_authority"

    region_id: UUID = Field(foreign_key="region.id", primary_key=True)
    authority_id: UUID = Field(foreign_key="organisation.id", primary_key=True)


class CallOffBody(SQLModel, table=True):
    """A time in which an agency or authority may call off, both days included (Procurement Act 2023 s45(5)(f)).

    A brief points to the time it is written under, and a trigger lets it be published only while that lasts. Who leaves and
    comes back has two rows. How each came about is an `Accession`.
    """

    __tablename__ = "call_off_body"
    __table_args__ = (
        UniqueConstraint("framework_id", "organisation_id", "entitled_from"),
        UniqueConstraint("id", "framework_id", "organisation_id"),
        CheckConstraint("entitled_to IS NULL OR entitled_to >= entitled_from", name="days"),
        Index(
            "uq_call_off_body_unending",
            "framework_id",
            "organisation_id",
            unique=True,
            sqlite_where=text("entitled_to IS NULL"),
            postgresql_where=text("entitled_to IS NULL"),
        ),
    )

    id: UUID = identity()
    framework_id: UUID = refers_to("framework.id")
    organisation_id: UUID = refers_to("organisation.id")
    entitled_from: date
    entitled_to: date | None = None


class MayAccede(SQLModel, table=True):
    """The framework is open to this organisation, or to every agency and authority of this pan-region, when they accede."""

    __tablename__ = "may_accede"
    __table_args__ = (
        CheckConstraint("(pan_region_id IS NULL) <> (organisation_id IS NULL)", name="one_of_two"),
        UniqueConstraint("framework_id", "pan_region_id"),
        UniqueConstraint("framework_id", "organisation_id"),
    )

    id: UUID = identity()
    framework_id: UUID = refers_to("framework.id")
    pan_region_id: UUID | None = refers_to("pan_region.id", nullable=True, index=False)
    organisation_id: UUID | None = refers_to("organisation.id", nullable=True, index=False)


class LotRequirement(SQLModel, table=True):
    """A kind of evidence that the lot's rule names: so that no rule names what does not exist."""

    __tablename__ = "lot_requirement"

    lot_id: UUID = Field(foreign_key="lot.id", primary_key=True)
    kind_slug: str = Field(foreign_key="evidence_kind.slug", primary_key=True)


class FrameworkCriterion(SQLModel, table=True):
    """A criterion that briefs under this framework may use, with the range its weight may take."""

    __tablename__ = "framework_criterion"
    __table_args__ = (
        UniqueConstraint("framework_id", "name"),
        CheckConstraint("0 <= weight_min AND weight_min <= weight_max AND weight_max <= 100", name="range"),
    )

    id: UUID = identity()
    framework_id: UUID = refers_to("framework.id")
    position: int
    name: str = Field(max_length=120)
    guidance: str = Field(default="", max_length=1000)
    is_price: bool = False
    weight_min: int
    weight_max: int


class QuestionSet(SQLModel, table=True):
    """The questions of a framework in a version, frozen by a second person; a later round gets a newer one."""

    __tablename__ = "question_set"
    __table_args__ = (
        UniqueConstraint("framework_id", "version"),
        CheckConstraint("version > 0", name="version"),
        CheckConstraint("(frozen_at IS NULL) = (sha256 = '')", name="frozen"),
        CheckConstraint("(frozen_at IS NULL) = (frozen_by IS NULL)", name="frozen_by_somebody"),
        CheckConstraint("frozen_by <> written_by", name="two_people"),
    )

    id: UUID = identity()
    framework_id: UUID = refers_to("framework.id")
    version: int
    written_by: UUID = refers_to("person.id", index=False)
    frozen_at: datetime | None = None
    frozen_by: UUID | None = refers_to("person.id", nullable=True, index=False)
    sha256: str = Field(default="", max_length=64)


class Question(SQLModel, table=True):
    """Without a `QuestionLot` it is for every lot. `known_as` is what the portal knows already, `reason` why it is asked."""

    __tablename__ = "question"
    __table_args__ = (
        UniqueConstraint("set_id", "position"),
        one_of("kind", Answering),
        one_of("carry", Carry),
        one_of("known_as", Known),
        CheckConstraint("weight BETWEEN 1 AND 100", name="weight"),
        CheckConstraint("threshold BETWEEN 0 AND 5", name="threshold"),
        CheckConstraint("threshold IS NULL OR weight IS NOT NULL", name="scored"),
        CheckConstraint("max_words > 0", name="max_words"),
    )

    id: UUID = identity()
    set_id: UUID = refers_to("question_set.id")
    position: int
    section: str = Field(max_length=120)
    text: str = Field(max_length=1000)
    guidance: str = Field(default="", max_length=2000)
    kind: str = Field(max_length=20)
    options: list[str] = lines_column()
    required: bool = True
    max_words: int | None = None
    carry: str = Field(max_length=20)
    known_as: str | None = Field(default=None, max_length=60)
    reason: str = Field(default="", max_length=300)
    passes: list[str] = lines_column()
    weight: int | None = None
    threshold: int | None = None
    descriptors: list[str] = lines_column()


class QuestionLot(SQLModel, table=True):
    __tablename__ = "question_lot"

    question_id: UUID = Field(foreign_key="question.id", primary_key=True)
    lot_id: UUID = Field(foreign_key="lot.id", primary_key=True)


class Round(SQLModel, table=True):
    """A window in which providers may apply to chosen lots and regions, and the questions they answer.

    A `rolling` one is always open: it closes when its framework ends, and decides on the days of `RoundDecisionDate`. One that
    was cancelled closed at that moment, even if it had not opened.
    """

    __tablename__ = "round"
    __table_args__ = (
        CheckConstraint("closes_at > opens_at OR cancelled_at IS NOT NULL", name="window"),
        CheckConstraint(
            "(cancelled_at IS NULL) = (cancelled_by IS NULL) AND (cancelled_at IS NULL) = (cancelled_reason = '')",
            name="cancelled_by_somebody",
        ),
    )

    id: UUID = identity()
    framework_id: UUID = refers_to("framework.id")
    name: str = Field(max_length=120)
    opens_at: datetime
    closes_at: datetime
    rolling: bool = False
    cancelled_at: datetime | None = None
    cancelled_by: UUID | None = refers_to("person.id", nullable=True, index=False)
    cancelled_reason: str = Field(default="", max_length=1000)
    question_set_id: UUID | None = refers_to("question_set.id", nullable=True)


class RoundExtension(SQLModel, table=True):
    """A later close of a round, the same for everybody, said before it closed."""

    __tablename__ = "round_extension"
    __table_args__ = (
        CheckConstraint("closes_at > closed_at", name="later"),
        CheckConstraint("at < closed_at", name="before_the_close"),
        CheckConstraint("reason <> ''", name="says_why"),
    )

    id: UUID = identity()
    round_id: UUID = refers_to("round.id")
    closed_at: datetime
    closes_at: datetime
    reason: str = Field(max_length=1000)
    at: datetime
    by: UUID = refers_to("person.id", index=False)


class RoundDecisionDate(SQLModel, table=True):
    """A day on which the applications that a rolling round has by then are decided."""

    __tablename__ = "round_decision_date"

    round_id: UUID = Field(foreign_key="round.id", primary_key=True)
    on: date = Field(primary_key=True)


class RoundScope(SQLModel, table=True):
    __tablename__ = "round_scope"

    round_id: UUID = Field(foreign_key="round.id", primary_key=True)
    lot_id: UUID = Field(foreign_key="lot.id", primary_key=True)
    region_id: UUID = Field(foreign_key="region.id", primary_key=True)
