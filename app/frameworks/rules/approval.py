"""What a draft must state before a second person may approve it. Pure."""

from collections import defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Final

from app.core.london import day_in_words
from app.core.refusals import Refusal
from app.core.words import listed
from app.frameworks.rules.facts import FrameworkFacts, LotFacts, QuestionFacts
from app.frameworks.rules.kinds import Admission, Way
from app.frameworks.rules.known import FACTS, Known, recognised
from app.frameworks.rules.scheme import Clocks, anniversary
from app.frameworks.rules.standing import Phase


@dataclass(frozen=True, slots=True)
class Asked:
    """A question, by its place from 1, that asks what is known already; without a `reason` it may not be asked."""

    position: int
    text: str
    known: Known
    reason: str

    @property
    def name(self) -> str:
        return FACTS[self.known].name

    @property
    def where(self) -> str:
        return FACTS[self.known].where


def already_known(facts: FrameworkFacts) -> tuple[Asked, ...]:
    """The questions that ask what the portal knows: by what their writer said, or by their own words."""
    found = ((at, q, q.known_as or recognised(q.text)) for at, q in enumerate(facts.questions, start=1))
    return tuple(Asked(at, question.text, known, question.reason) for at, question, known in found if known)


def missing(facts: FrameworkFacts, clocks: Clocks) -> tuple[Refusal, ...]:
    """All that stops an approval. A code begins with the task of the builder that mends it: `facts`, `lots`, …

    Source: Procurement Act 2023 s45(5) for what a framework must state; every clock is data of its rule set.
    """
    return (*_facts(facts), *_term(facts, clocks), *_lots(facts), *_who(facts), *_bids(facts), *_questions(facts))


def doubtful(facts: FrameworkFacts, names: Mapping[str, str], *, assessors: int) -> tuple[Refusal, ...]:
    """What stops no approval and may still be a mistake; coded as `missing` is. `names` are those of the call-off list, by code,
    and `assessors` counts who holds such a seat with the lead or there.
    """
    return (*_call_off_days(facts, names), *_scorers(facts, assessors))


def _call_off_days(facts: FrameworkFacts, names: Mapping[str, str]) -> Iterator[Refusal]:
    last = facts.extendable_to or facts.ends_on
    for one in facts.call_off:
        name = names.get(str(one.organisation_id), "An agency on the list")
        if one.entitled_from > last or (one.entitled_to and one.entitled_to < facts.starts_on):
            yield _told("call-off", "never", f"{name} may never call off: its days lie outside the term.")
        elif one.entitled_to and one.entitled_to > last:
            words = (
                f"{name} may call off until {day_in_words(one.entitled_to)}, but the term ends on {day_in_words(last)}."
            )
            yield _told("call-off", "beyond", words)


def _scorers(facts: FrameworkFacts, assessors: int) -> Iterator[Refusal]:
    if not assessors and any(question.weight for question in facts.questions):
        words = (
            "There are scored questions, but nobody can score them: no assessor has a seat with you or with those who may call"
            " off."
        )
        yield _told("questions", "nobody_scores", words)


def why_not_change(*, seen: str, now: str) -> Refusal | None:
    """`seen` is the digest of the facts that a page was drawn from, `now` of those that are stored."""
    if seen == now:
        return None
    return Refusal("changed_meanwhile", "Somebody has changed this draft meanwhile. Look at it again first.")


def why_not_approve(*, phase: Phase, writer: bool, missing: tuple[Refusal, ...]) -> Refusal | None:
    """`writer` says that this person wrote the draft, `missing` what it lacks."""
    if phase is not Phase.DRAFT:
        return Refusal("not_a_draft", "Only a draft can be approved.")
    if writer:
        return Refusal("second_person", "The person who wrote a framework cannot approve it. Ask a colleague.")
    return next(iter(missing), None)


def _told(task: str, code: str, words: str) -> Refusal:
    return Refusal(f"{task}.{code}", words)


def _facts(facts: FrameworkFacts) -> Iterator[Refusal]:
    if not facts.summary:
        yield _told("facts", "no_summary", "The framework does not describe its services.")
    if facts.estimated_value_pence is None:
        yield _told("facts", "no_value", "The framework has no estimated value.")
    if not facts.selection_process:
        yield _told("selection", "no_process", "The framework does not say how members are chosen for work.")
    if not facts.agreement_text or not facts.agreement_version:
        yield _told("agreement", "none", "The framework has no agreement, with its version, for its members to sign.")


def _term(facts: FrameworkFacts, clocks: Clocks) -> Iterator[Refusal]:
    last = facts.extendable_to or facts.ends_on
    cap = clocks.max_years
    if clocks.scheme:
        yield from _scheme(facts, clocks)
    elif facts.follows or facts.scheme_ends_on:
        yield _told(
            "facts", "no_scheme", "Only an open framework is part of a scheme. Choose that rule set or leave it out."
        )
    if cap is not None and last >= anniversary(clocks.began_on or facts.starts_on, cap):
        yield _told("facts", "term", f"The term is longer than the {cap} years that its rule set allows.")


def _scheme(facts: FrameworkFacts, clocks: Clocks) -> Iterator[Refusal]:
    if facts.scheme_ends_on is None:
        yield _told("facts", "no_scheme_end", "An open framework says on which day its scheme ends.")
    elif clocks.max_years and facts.scheme_ends_on >= anniversary(clocks.began_on or facts.starts_on, clocks.max_years):
        yield _told(
            "facts", "scheme", f"The scheme is longer than the {clocks.max_years} years that its rule set allows."
        )
    if clocks.reopen_by and facts.follows and facts.starts_on > clocks.reopen_by:
        yield _told("facts", "too_late", f"The scheme had to be re-opened by {day_in_words(clocks.reopen_by)}.")


def _lots(facts: FrameworkFacts) -> Iterator[Refusal]:
    if not facts.lots:
        yield _told("lots", "none", "The framework has no lots.")
    bare = [_label(lot) for lot in facts.lots if not lot.requires]
    if bare:
        yield _told("lots", "no_evidence", f"No evidence is required for {listed(bare)}.")
    undescribed = [_label(lot) for lot in facts.lots if not lot.description]
    if undescribed:
        yield _told("lots", "no_description", f"There is no description of {listed(undescribed)}.")


def _who(facts: FrameworkFacts) -> Iterator[Refusal]:
    if not facts.regions:
        yield _told("regions", "none", "The framework has no regions.")
    if not facts.call_off:
        yield _told("call-off", "none", "No agency is named that may call off from the framework.")


def _bids(facts: FrameworkFacts) -> Iterator[Refusal]:
    if facts.way is Way.PROVIDER_LIST:
        return
    least = sum(criterion.weight_min for criterion in facts.criteria)
    most = sum(criterion.weight_max for criterion in facts.criteria)
    if not facts.criteria:
        yield _told("criteria", "none", "The framework has no criteria for its briefs to use.")
    elif not least <= 100 <= most:
        yield _told("criteria", "weights", "The ranges of the criteria cannot add up to 100%.")


def _questions(facts: FrameworkFacts) -> Iterator[Refusal]:
    unexplained = [asked for asked in already_known(facts) if not asked.reason]
    if unexplained:
        things = "1 thing" if len(unexplained) == 1 else f"{len(unexplained)} things"
        yield _told(
            "questions",
            "already_known",
            f"You are asking {things} we already know. Take the question out, or say why it is asked.",
        )
    scored = _scored(facts)
    for lot in facts.lots:
        total = sum(question.weight or 0 for question in scored[lot.number])
        if scored[lot.number] and total != 100:
            yield _told(
                "questions",
                "weights",
                f"The weights of the scored questions for {_label(lot)} add up to {total}%, not 100%.",
            )
        if not scored[lot.number] and (lot.pass_mark or lot.admission is Admission.RANKED):
            yield _told("questions", "no_scored", f"{_label(lot)} admits by score, but has no scored question.")


def _scored(facts: FrameworkFacts) -> Mapping[int, list[QuestionFacts]]:
    of: defaultdict[int, list[QuestionFacts]] = defaultdict(list)
    for question in facts.questions:
        for number in question.lots or [lot.number for lot in facts.lots]:
            if question.weight is not None:
                of[number].append(question)
    return of


def _label(lot: LotFacts) -> str:
    return f"Lot {lot.number}: {lot.name}"


TASKS: Final = (
    ("facts", "Facts and term"),
    ("lots", "Lots, prices and evidence"),
    ("regions", "Regions"),
    ("call-off", "Who may call off"),
    ("questions", "Questions to applicants"),
    ("criteria", "Criteria and weights"),
    ("selection", "How members are chosen for work"),
    ("agreement", "Agreement"),
)
"""The tasks of the builder, in their order: (name in paths and codes, words)."""
