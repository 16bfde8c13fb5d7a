"""What is written down about memberships."""

from app.core.audit import declare

OPENED = declare("membership.opened", "opened the membership of {provider} in {lot}, {region}")
LIST_SENT = declare("membership.list_sent", "sent the list “{file}” of {rows} rows to be approved by a second lead")
LIST_MATCHED = declare(
    "membership.list_matched", "said of {count} rows of a list whether they are somebody who is here"
)
LIST_PUT_ASIDE = declare("membership.list_put_aside", "put the list “{file}” aside")
LIST_APPROVED = declare(
    "membership.list_approved",
    "approved the list “{file}”, SHA-256 {sha256}, as the second of two people: {members} memberships of {providers} providers",
)
SIGNED = declare("membership.signed", "signed agreement version {version}, SHA-256 {sha256}")
COUNTERSIGNED = declare("membership.countersigned", "countersigned agreement version {version}, SHA-256 {sha256}")
HELD = declare("agreement.held", "put the agreement on hold, to be looked at again on {day}. {reason}")
RELEASED = declare("agreement.released", "released the agreement, which was on hold")
VARIATION_PROPOSED = declare(
    "variation.proposed", "proposed version {version} of the agreement, in effect from {day}, SHA-256 {sha256}"
)
VARIATION_APPROVED = declare(
    "variation.approved",
    "approved version {version} of the agreement, SHA-256 {sha256}; members answer until {answer_by}",
)
VARIATION_WITHDRAWN = declare("variation.withdrawn", "withdrew the proposal of version {version} of the agreement")
VARIATION_AGREED = declare("variation.agreed", "agreed to version {version} of the agreement, SHA-256 {sha256}")
VARIATION_DECLINED = declare("variation.declined", "declined version {version} of the agreement, SHA-256 {sha256}")
RATE_TAKEN_OVER = declare("rate.taken_over", "took over from the application: {price} for each {unit}")
RATE_PROPOSED = declare("rate.proposed", "proposed {price} for each {unit} from {day}")
RATE_AGREED = declare("rate.agreed", "agreed to {price} for each {unit} from {day}")
RATE_DECLINED = declare("rate.declined", "declined {price} for each {unit}")
ENDED = declare("membership.ended", "ended the membership: {reason}")
LEAVES = declare("membership.leaves", "gave notice to leave after {day}: {reason}")
PAUSED = declare("membership.paused", "paused the membership until {day}")
RETURNED = declare("membership.returned", "took up the membership again")
CONCERN_RAISED = declare("concern.raised", "raised a concern with {provider}: {kind}")
CONCERN_ANSWERED = declare("concern.answered", "replied to the concern for {provider}")
PLAN_MADE = declare("concern.planned", "wrote the plan to put it right, looked at again on {day}")
CONCERN_CLOSED = declare("concern.closed", "closed the concern: {outcome}")
SUSPENSION_PROPOSED = declare("suspension.proposed", "proposed to suspend the membership {until}. {reason}")
SUSPENDED = declare("suspension.began", "suspended the membership {until}, as the second of two people. {reason}")
SUSPENSION_LIFTED = declare("suspension.lifted", "lifted the suspension: {reason}")
END_PROPOSED = declare("membership.end_proposed", "proposed to end the membership {until}. {reason}")
PROPOSAL_DECLINED = declare("concern.proposal_declined", "declined what was proposed about the membership")
FLOOR_DECIDED = declare("membership.floor_decided", "decided about {provider}, {rating}: {choice}. {reason}")
END_CONFIRMED = declare("membership.end_confirmed", "confirmed that the membership of {provider} ends on {day}")
NOTICE_GIVEN = declare("membership.ends_with_notice", "gave notice: the membership ends after {day}. {reason}")
FORMER_NOTICE_GIVEN = declare("membership.notice_given", "gave notice: the membership ends on {day}. {reason}")
RELIANCE_SET = declare("reliance.policy_set", "decided for {agency} on checks of {kind}: {policy}")
CHECKED_OURSELVES = declare("reliance.own_check", "added {agency}’s own check of {kind}")
CHANGE_TOLD = declare("reliance.change_told", "told {count} agencies that rely on this: {change}")
CHANGE_ACCEPTED = declare("reliance.change_accepted", "said for {agency} that it is still content with {kind}")
CHANGE_ASKED = declare("reliance.change_asked", "asked for {agency} about the change of {kind}")
DOCUMENT_OPENED = declare("document.opened_by_agency", "opened {file_name} for {agency}")
PACK_HANDED_OUT = declare(
    "pack.handed_out", "downloaded the due-diligence pack of {provider} as at {day}; its manifest’s SHA-256 is {sha256}"
)
CAPACITY_STATED = declare("membership.capacity_stated", "stated the capacity and waiting time of {count} {therapies}")
RESTRICTION_PROPOSED = declare("restriction.proposed", "proposed to restrict {provider}")
RESTRICTION_DECLINED = declare("restriction.declined", "declined the proposal to restrict {provider}")
PROVIDER_RESTRICTED = declare("restriction.began", "restricted {provider}, as the second of two people")
LIFT_PROPOSED = declare("restriction.lift_proposed", "proposed to lift the restriction of {provider}")
LIFT_DECLINED = declare(
    "restriction.lift_declined", "declined to lift the restriction of {provider}, proposed as: {reason}"
)
RESTRICTION_LIFTED = declare("restriction.lifted", "lifted the restriction of {provider}, as the second of two people")
PROVIDER_WAS_RESTRICTED = declare("provider.restricted", "noted that two people restricted {provider}")
PROVIDER_RESTRICTED_NO_MORE = declare(
    "provider.restricted_no_more", "noted that two people lifted the restriction of {provider}"
)
RESTRICTION_READ = declare("restriction.read", "said for {agency} that it has read of the restriction of {provider}")
