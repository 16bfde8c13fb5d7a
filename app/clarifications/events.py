"""What is written down about questions. Who asked is on the question alone: of a question's asker no event says who it was."""

from app.core.audit import declare

WRITTEN = declare("clarification.written", "received a draft of a question")
ASKED = declare("clarification.asked", "received a question about {label}")
ASKED_PRIVATELY = declare("clarification.asked_privately", "received a question about {label}, in confidence")
LET_PUBLIC = declare("clarification.let_public", "heard that a question about {label} may be answered to everybody")
WITHDRAWN = declare("clarification.withdrawn", "heard that a question about {label} was withdrawn")
ACCEPTED = declare("clarification.accepted", "accepted question {number} about {label}")
RETURNED = declare("clarification.returned", "returned a question about {label} to its asker")
PRIVACY_AGREED = declare("clarification.privacy_agreed", "agreed to answer a question about {label} in confidence")
PRIVACY_REFUSED = declare("clarification.privacy_refused", "refused to answer a question about {label} in confidence")
ANSWER_DRAFTED = declare("clarification.answer_drafted", "wrote an answer to {question} about {label}")
ANSWERED = declare("clarification.answered", "answered {question} about {label}; SHA-256 {sha256}")
CORRECTED = declare("clarification.corrected", "corrected the answer to {question} about {label}; SHA-256 {sha256}")
DEADLINE_KEPT = declare("clarification.deadline_kept", "kept the deadline after a late answer about {label}: {reason}")
FOLLOWED = declare("clarification.followed", "chose how to be told of new answers")
