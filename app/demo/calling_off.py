"""Call-off lists that change: a council that joined Essex and one that left, one to confirm, and who signs for whom."""

from typing import Final

from app.demo.stage import Stage
from app.demo.telling import Story
from app.frameworks.calling_off.commands import ask_to_add, ask_to_remove, confirm_accession
from app.organisations.directory.commands import record_signer
from app.organisations.rules import LegalForm

INVENTED: Final = "Invented for this demonstration"
SIGNERS: Final = (
    ("adopt-east", "Essex County Council (demonstration)"),
    ("one-adoption-north-humber", "Hull City Council (demonstration)"),
)


def story(stage: Stage) -> Story:
    calendar = stage.calendar
    yield calendar.ago(125, 10)
    essex, yorkshire = stage["essex"], stage["yorkshire"]
    marisol, edwin, callum = (stage.actor(name) for name in ("marisol", "edwin", "callum"))
    for agency, name in SIGNERS:
        day = calendar.day(-125)
        record_signer(
            stage.session,
            stage.actor("ottilie"),
            stage[agency],
            name=name,
            form=LegalForm.COUNCIL,
            on=day,
            source=INVENTED,
        )
    yield calendar.ago(90, 10)
    asked = [
        ask_to_add(stage.session, marisol, essex, stage[council], calendar.day(-85), f"Cabinet decision. {INVENTED}")
        for council in ("thurrock", "southend-on-sea")
    ]
    yield calendar.ago(89, 15)
    for accession_id in asked:
        confirm_accession(stage.session, edwin, essex, accession_id)
    yield calendar.ago(40, 11)
    leaving = ask_to_remove(
        stage.session, edwin, essex, stage["southend-on-sea"], calendar.day(-20), f"Letter of notice. {INVENTED}"
    )
    yield calendar.ago(39, 11)
    confirm_accession(stage.session, marisol, essex, leaving)
    yield calendar.ago(1, 11)
    ask_to_add(
        stage.session,
        callum,
        yorkshire,
        stage["family-adoption-links"],
        calendar.day(10),
        f"Letter of the partnership board. {INVENTED}",
    )
