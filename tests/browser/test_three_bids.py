"""A voluntary agency answers three briefs in two regions from one board, writing its answers once and using them again."""

import re
from datetime import timedelta

import pytest
from playwright.sync_api import Dialog, Page, expect
from sqlmodel import Session, select

from app.accounts.commands import add_person
from app.bids.models import Bid
from app.briefs.models import Brief
from app.core import clock
from app.organisations.models import OrganisationSeat
from app.organisations.rules import Role
from tests import factories
from tests.browser.conftest import OpenPage, Site
from tests.browser.people import PASSWORD, Somebody

WRITER = "willa@alder.example.org"
TITLES = ("Therapy for two sisters", "Therapy for a boy of nine", "Therapy after a move")
APPROACH = "We begin with the parents, because they do most of the work between sessions; then we play."
EXPERIENCE = "Forty adoptive families in six years, with a measure before and after for each of them."


def _stage(session: Session, site: Site) -> None:
    """Three briefs in two regions, all open to a provider that has one bid writer."""
    made, now = factories.world(session), clock.now(session)
    for n, title in enumerate(TITLES):
        brief_id = factories.brief(
            session, made, published_at=now - timedelta(days=1), closes_at=now + timedelta(days=5 + n)
        )
        brief = session.get_one(Brief, brief_id)
        brief.title, brief.region_id = title, made.regions[n // 2]
    writer = add_person(session, name="Willa Writer", email=WRITER, password=PASSWORD)
    session.add(OrganisationSeat(person_id=writer, organisation_id=made.provider_a, role=Role.OWNER, given_at=now))


class Counted(Somebody):
    """Counts what a person fills, presses and sees."""

    filled = pressed = pages = 0

    def look(self) -> Somebody:
        self.pages += 1
        return super().look()

    def put(self, name: str, text: str) -> None:
        self.filled += 1
        field = self.page.locator(f"[name='{name}']")
        if field.evaluate("one => one.tagName") == "SELECT":
            field.select_option(text)
        else:
            field.fill(text)
        field.blur()

    def tap(self, words: str, about: str = "") -> None:
        """Press the first button of that name, or of those the one about this."""
        self.pressed += 1
        with self.page.expect_navigation():
            self.page.get_by_role("button", name=re.compile(f"{words}.*{about}")).first.click()
        self.page.locator("h1").wait_for()
        self.look()

    def saved(self) -> None:
        """Without leaving the page, where there is JavaScript: the line says so, and the boxes stay as they are."""
        if self.javascript:
            self.page.get_by_text(re.compile(r"Saved at \d\d:\d\d")).wait_for()


@pytest.mark.row("7.10")
@pytest.mark.row("7.11")
@pytest.mark.row("7.12")
@pytest.mark.timeout(300)
def test_three_bids_in_two_regions(site: Site, open_page: OpenPage, javascript: bool) -> None:
    with site.db.write() as session:
        _stage(session, site)
    willa = Counted(site, open_page(javascript=javascript), WRITER, javascript=javascript)
    willa.sign_in()
    willa.pages = 0
    for n, title in enumerate(TITLES):
        willa.go("/board")
        willa.sees("Can bid", "days left")
        willa.follow(re.compile(title))
        willa.tap("Start bid")
        _writes(willa, first=n == 0)
        if n == 0 and javascript:
            _is_kept_by_itself(willa)
        willa.tap("Save and check")
        willa.sees(APPROACH, EXPERIENCE, "£2,470.00" if n else "£2,500.00")
        willa.tick(re.compile("I may submit this bid"))
        willa.tap("Submit sealed bid")
        willa.sees("Your bid was received", "R-")
    for faults in willa.met.values():
        assert faults == []
    print(f"three bids: {willa.filled} boxes filled, {willa.pressed} buttons pressed, {willa.pages} pages")
    with site.db.read() as session:
        assert [row.state for row in session.exec(select(Bid))] == ["submitted"] * 3
    assert willa.filled <= 25


def _writes(willa: Counted, *, first: bool) -> None:
    """The answers are typed for the first bid and kept; for the others each goes in with one tap."""
    if first:
        willa.put("approach", APPROACH)
        willa.saved()
        willa.tap("Keep for later", about="Your approach")
        willa.put("experience", EXPERIENCE)
        willa.tap("Keep for later", about="Your experience")
    else:
        for question in ("Your approach", "Your experience"):
            willa.tap("Use an earlier answer", about=question)
            willa.tap("Use this answer")
    person = willa.page.locator("select[name=person_1] option").nth(1).get_attribute("value")
    willa.put("person_1", str(person))
    willa.put("kind_1", "session")
    willa.put("quantity_1", "20")
    willa.put("rate_1", "125" if first else "123.50")
    willa.page.get_by_label("No VAT is charged").check()
    willa.filled += 1
    willa.saved()


def _is_kept_by_itself(willa: Counted) -> None:
    """The total follows what is typed; focus stays; a line that is down, and another window, lose nothing."""
    page = willa.page
    page.get_by_text("£2,500.00").first.wait_for()
    page.locator("#rate_1").focus()
    page.locator("#rate_1").fill("151")
    page.locator("#quantity_1").focus()
    page.get_by_text("The most for each session in this lot is £150.00.").wait_for()
    assert page.evaluate("document.activeElement.id") == "quantity_1"
    page.context.set_offline(True)
    page.locator("#rate_1").fill("125")
    page.locator("#quantity_1").focus()
    page.get_by_text("the service cannot be reached").wait_for()
    assert page.locator("#rate_1").input_value() == "125"
    _warns(page, "#approach")
    page.context.set_offline(False)
    page.get_by_text(re.compile(r"Saved at \d\d:\d\d")).wait_for()
    assert "portal-unsaved" not in str(page.locator("#saved-at").get_attribute("class")), "sent again by itself"
    other = page.context.new_page()
    other.goto(page.url)
    other.locator("#approach").fill("Another window.")
    other.locator("#experience").focus()
    other.get_by_text(re.compile(r"Saved at \d\d:\d\d")).wait_for()
    page.locator("#approach").fill(f"{APPROACH} And music.")
    page.locator("#rate_1").focus()
    page.get_by_text("saved in another window").wait_for()
    assert page.locator("#approach").input_value() == f"{APPROACH} And music."
    with other.expect_response(lambda answer: answer.request.method == "POST"):
        other.locator("#approach").fill(APPROACH)
        other.locator("#experience").focus()
    other.close()
    page.reload()


def _warns(page: Page, far: str) -> None:
    """While something is not saved, the line says so in view wherever one writes, and the browser asks before one leaves."""
    page.locator(far).click()
    page.evaluate("scrollTo(0, 0)")
    expect(page.locator("#saved-at")).to_be_in_viewport(ratio=1)
    page.once("dialog", Dialog.dismiss)
    with page.expect_event("dialog") as asked:
        page.evaluate("setTimeout(() => location.assign('/bids'))")
    assert asked.value.type == "beforeunload" and page.locator(far).is_visible()
