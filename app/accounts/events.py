"""What happens to accounts, in words that follow a person's name."""

from app.core import audit

ADDED = audit.declare("account.added", "added an account for {name}")
REGISTERED = audit.declare("account.registered", "registered")
CONFIRMED = audit.declare("account.confirmed", "confirmed their e-mail address")
SIGNED_IN = audit.declare("account.signed_in", "signed in with {device}")
SIGNED_OUT = audit.declare("account.signed_out", "signed out")
STEPPED_INTO = audit.declare("account.stepped_into", "was stepped into in the demonstration")
LINK_SENT = audit.declare("account.link_sent", "sent a {kind} link to the person’s address")
PASSWORD_RESET = audit.declare("account.password_reset", "chose a new password by a link, which ended every session")
PASSWORD_CHANGED = audit.declare("account.password_changed", "changed their password, which ended every other session")
SESSION_ENDED = audit.declare("account.session_ended", "ended a session ({device})")
OTHERS_ENDED = audit.declare("account.other_sessions_ended", "ended every other session ({count})")
