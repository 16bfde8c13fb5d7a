"""Every module that declares tables, from the ground up."""

from sqlmodel import SQLModel

import app.accounts.models
import app.applications.models
import app.applications.scoring.models
import app.awards.handover.models
import app.awards.models
import app.bids.closing.models
import app.bids.models
import app.bids.sealed
import app.briefs.alerts.models
import app.briefs.amending.models
import app.briefs.calendar.models
import app.briefs.cancelling.models
import app.briefs.inviting.models
import app.briefs.models
import app.briefs.referral.models
import app.briefs.released
import app.clarifications.models
import app.core.audit
import app.core.beats
import app.core.blobs
import app.core.mail
import app.evidence.check_models
import app.evidence.models
import app.frameworks.calling_off.models
import app.frameworks.models
import app.memberships.importing.models
import app.memberships.models
import app.memberships.terms
import app.organisations.models
import app.providers.models
import app.publishing.cards.models
import app.sealing.models  # noqa: F401

TABLES = tuple(SQLModel.metadata.sorted_tables)
