"""The whole main job in a real browser, person by person, with JavaScript and without, on real PDF files."""

import re
from datetime import date, timedelta

import pytest

from app.core import audit
from app.demo.papers import Paper, pdf
from tests.browser.conftest import OpenPage, Site
from tests.browser.people import PASSWORD, Enter, Somebody
from tests.browser.setting import TODAY, Setting, setting

APPROACH = "We would begin with the parents, then work with both children together at home."
EXPERIENCE = "Forty families in three years; placements held in all but one."
REASON = "A clear plan for this need with good evidence of results."
EVIDENCE = (
    ("ins_public_liability", "Public liability insurance", None),
    ("dbs_enhanced", "Enhanced DBS certificate", "Wren Larkspur"),
    ("fmc_accreditation", "Family Mediation Council accreditation", "Wren Larkspur"),
)


@pytest.mark.row("2.1", "7.12", "9.5")
@pytest.mark.invariant(12)
@pytest.mark.timeout(300)
def test_the_main_job(site: Site, open_page: OpenPage, javascript: bool) -> None:
    met: dict[str, list[str]] = {}

    def enter(email: str) -> Somebody:
        return Somebody(site, open_page(javascript=javascript), email, met, javascript)

    made = setting(site)
    wren = _registers(enter)
    _tells_its_evidence(wren)
    _is_checked(enter)
    _applies(wren, made)
    _is_decided(enter)
    _signs(wren)
    title = _publishes(enter, made)
    _bids(wren, title, rate="120.00", total="£2,400.00")
    _bids(enter("omar@birch.example.org").sign_in(), title, rate="145.00", total="£2,900.00")
    site.clock.forward(timedelta(days=12))
    brief = _opens(enter, title)
    _scores(enter, brief)
    _awards(enter, brief)
    wren.sign_in().go("/letters").follow(re.compile("Therapy"))
    wren.sees("Your bid was successful", REASON)
    omar = enter("omar@birch.example.org").sign_in().go("/letters").follow(re.compile("Therapy"))
    omar.sees("Your bid was not successful", "Larkspur Therapy", REASON)
    with site.db.read() as session:
        assert list(audit.verify(session)) == []
    assert len(met) > 30
    assert not any(met.values()), "\n".join(fault for faults in met.values() for fault in faults)


def _registers(enter: Enter) -> Somebody:
    wren = enter("wren@larkspur.example.org").go("/register")
    wren.fill(name="Wren Larkspur", email=wren.email, password=PASSWORD).press("Register")
    wren.go(wren.site.link_in_mail(wren.email).removeprefix(wren.site.url)).press("Confirm this address")
    wren.sign_in()
    wren.go("/providers/register").tick(re.compile("Sole practitioner|On my own|sole", re.I)).press("Continue")
    wren.fill(name="Larkspur Therapy")
    wren.tick(re.compile("I accept these terms")).press("Register this provider")
    wren.sees("Larkspur Therapy")
    provider = re.search(r"/providers/([0-9a-f-]{36})", wren.page.content())
    assert provider
    wren.go(f"/providers/{provider[1]}/edit").fill(summary="Therapy and mediation for adoptive families.")
    wren.press("Save and continue").sees("Larkspur Therapy")
    for what in ("therapies", "areas"):
        wren.go(f"/providers/{provider[1]}/{what}").page.locator(f"input[name={what}]").first.check()
        wren.press(f"Save the {what}")
    wren.go(f"/providers/{provider[1]}/numbers").fill(share_code="Zz99Test")
    wren.tick("What our record there says is current today").press("Save and continue")
    wren.go(f"/providers/{provider[1]}/practitioners/add")
    wren.fill(full_name="Wren Larkspur", profession="Family mediator and therapist").press("Save your record")
    wren.provider = provider[1]  # type: ignore[attr-defined]
    return wren


def _tells_its_evidence(wren: Somebody) -> None:
    expires = TODAY + timedelta(days=330)
    for kind, name, practitioner in EVIDENCE:
        wren.go(f"/providers/{wren.provider}/evidence/add?kind={kind}")  # type: ignore[attr-defined]
        if practitioner:
            wren.sees(practitioner)
        number = {"dbs_enhanced": "001234567890", "fmc_accreditation": "1234A"}.get(kind, "PL-2026-1")
        wren.fill(issuer="Fictional Mutual", reference=number)
        if not practitioner:
            wren.fill(cover="5,000,000")
        wren.on("starts_on", TODAY - timedelta(days=30)).on("expires_on", expires).press("Save and continue")
        wren.sees(name).attach(f"{kind}.pdf", _paper(kind, number, expires)).press("Upload this document")
        if kind == "dbs_enhanced":
            item = wren.path.partition("#")[0]
            wren.waits_for("No virus found").go(f"{item}/dbs").tick("Enhanced").tick("Child workforce")
            wren.tick(re.compile("children’s barred list")).press("Save the record").go(item)
        wren.waits_for("No virus found").press("Send for checking")
    wren.go(f"/providers/{wren.provider}/evidence").sees("Waiting for a checker")  # type: ignore[attr-defined]


def _paper(kind: str, number: str, expires: date) -> bytes:
    return pdf(
        Paper(
            kind=kind,
            holder="Wren Larkspur",
            provider="Larkspur Therapy",
            issuer="Fictional Mutual",
            reference=number,
            starts_on=TODAY - timedelta(days=30),
            expires_on=expires,
            cover_pence=500_000_000 if kind.startswith("ins") else None,
            profession="Family mediator",
        )
    )


def _is_checked(enter: Enter) -> None:
    checker = enter("checker@hub.example.org").sign_in()
    for _, name, _ in EVIDENCE:
        checker.go("/checks").follow(re.compile(name)).sees("Larkspur Therapy")
        for point in checker.page.locator("input[name=seen]:not([value=register])").all():
            point.check()
        if checker.page.locator("[name=unfit_register]").count():
            checker.fill(unfit_register="The register is closed today")
        checker.fill(how="The certificate, against the issuer’s own register")
        if "DBS" in name:
            checker.tick(re.compile("saw the original"))
        checker.press("Verify this evidence")
    checker.go("/checks").sees("Nothing is waiting")


def _applies(wren: Somebody, made: Setting) -> None:
    wren.go(f"/frameworks/{made.framework_id}").press("Apply to join")
    application = wren.path
    wren.go(f"{application}/lots")
    for box in wren.page.locator("input[name=parts]").all():
        box.check()
    wren.press("Save lots and regions")
    wren.go(f"{application}/statement").fill(statement="We work with families in both regions.").press("Save statement")
    wren.go(f"{application}/check").tick(re.compile("What I send is true")).press("Submit application")
    wren.sees("Mediation", "South")


def _is_decided(enter: Enter) -> None:
    """Three parts are accepted by one lead; one is refused by two."""
    lead = enter("lead@hub.example.org").sign_in().go("/decisions").follow("Larkspur Therapy")
    decision = lead.path
    for _ in range(3):
        lead.go(decision).page.locator("form[action$='/accept'] button").first.click()
        lead.look()
    lead.go(decision).follow(re.compile("Refuse")).page.locator("input[name=reason_code]").first.check()
    lead.fill(reason="No mediator is based within reach of this region yet.").press("Propose to refuse")
    second = enter("second.lead@hub.example.org").sign_in().go(decision).follow(re.compile("Confirm"))
    second.press("Confirm refusal")
    second.go("/decisions").sees_not("Larkspur Therapy")


def _signs(wren: Somebody) -> None:
    wren.go("/memberships")
    links = wren.page.locator("main a[href$='/agreement']")
    paths = sorted({str(link.get_attribute("href")) for link in links.all()})
    assert len(paths) == 3
    wren.go(paths[0]).sees("for all 3 of your memberships")
    wren.tick(re.compile("I have read the agreement")).press("Sign the agreement")
    wren.go("/memberships").sees("Active")


def _publishes(enter: Enter, made: Setting) -> str:
    title = "Therapy for two siblings after several moves"
    colin = enter("commissioner@agency.example.org").sign_in().go(f"/briefs/new?framework={made.framework_id}")
    colin.follow("Lot 1: Therapeutic interventions").tick("Mini-competition").tick(re.compile("own budget"))
    colin.fill(
        title=title,
        need="Two siblings find it hard to feel safe at home. Bedtimes are long and there is fear of being moved again.",
        outcomes="They sleep through most nights, and their parents feel able to keep them close.",
        sessions="20",
        budget="3,000",
        weight_1="50",
        weight_2="20",
        weight_3="30",
    )
    colin.pick(place="West: anywhere")
    colin.page.locator("input[name=age_band]").nth(1).check()
    colin.on("start_by", TODAY + timedelta(days=60)).on("closes_on", TODAY + timedelta(days=11))
    colin.page.locator("input[name=closing_hour]").nth(1).check()
    colin.press("Save the draft").sees(title)
    colin.press("Ask for approval").sees("Approval was asked for")
    ada = enter("approver@agency.example.org").sign_in().go(colin.path)
    ada.tick(re.compile("no child or family can be known")).press("Publish and invite members")
    ada.sees("Birch Therapy", "Larkspur Therapy")
    return title


def _bids(bidder: Somebody, title: str, *, rate: str, total: str) -> None:
    bidder.go("/opportunities").follow(re.compile(title)).press("Start bid")
    answers = bidder.page.locator("textarea[name^='answer_']").all()
    for box, words in zip(answers, (APPROACH, *[EXPERIENCE] * len(answers)), strict=False):
        box.fill(words)
    bidder.page.locator("select[name=person_1]").select_option(index=1)
    bidder.pick(kind_1="Sessions").fill(quantity_1="20", rate_1=rate)
    bidder.tick(re.compile("No VAT is charged")).press("Save and check").sees(APPROACH, total)
    bidder.tick(re.compile("I may submit this bid")).press("Submit sealed bid")
    bidder.sees("Your bid was received", "R-")


def _opens(enter: Enter, title: str) -> str:
    chair = enter("chair@agency.example.org").sign_in().go("/briefs").follow(re.compile(title))
    brief = chair.path
    chair.sees_not("2,400.00", APPROACH)
    for name in ("Asha Assessor", "Bert Assessor"):
        chair.go(f"{brief}/opening").pick(person_id=name).press("Ask them to assess")
    for email in ("assessor@agency.example.org", "second.assessor@agency.example.org"):
        assessor = enter(email).sign_in().go(f"{brief}/declaration")
        assessor.tick(re.compile("I have no interest")).press("Make this declaration")
    chair.go(f"{brief}/opening").press("Approve the opening")
    enter("commissioner@agency.example.org").sign_in().go(f"{brief}/opening").press("Approve the opening")
    return brief


def _scores(enter: Enter, brief: str) -> None:
    for email, points in (("assessor@agency.example.org", "4"), ("second.assessor@agency.example.org", "5")):
        assessor = enter(email).sign_in().go(f"{brief}/assessment").press("Open the bids").sees("Larkspur Therapy")
        bids = assessor.page.locator(f"main a[href^='{brief}/assessment/']")
        for path in sorted({str(link.get_attribute("href")) for link in bids.all()}):
            assessor.go(path).sees(APPROACH)
            for radio in assessor.page.locator(f"input[type=radio][value='{points}']").all():
                radio.check()
            for box in assessor.page.locator("main textarea").all():
                box.fill(REASON)
            assessor.press("Save these scores")
        assessor.go(f"{brief}/assessment").press("Submit all your scores")


def _awards(enter: Enter, brief: str) -> None:
    chair = enter("chair@agency.example.org").sign_in().go(f"{brief}/results").sees("Larkspur Therapy", "Birch Therapy")
    chair.go(f"{brief}/award").tick(re.compile("Larkspur Therapy")).press("Propose this award")
    ada = enter("approver@agency.example.org").sign_in().go(f"{brief}/award").press("Approve and send all letters")
    ada.sees("Larkspur Therapy")
