"""From a template to publication: how much a commissioner types, with JavaScript and without, and what axe finds."""

from datetime import timedelta

import pytest

from tests.browser.conftest import OpenPage, Site
from tests.browser.people import Enter, Somebody
from tests.browser.setting import TODAY, Setting, setting

WORDS_A_MINUTE = 40
CHARACTERS_A_WORD = 5
SECONDS_A_CHOICE = 5
"""To read a label and press: a box, a list or a button."""


class Typist:
    """Somebody who is counted: the characters typed and the choices made."""

    def __init__(self, who: Somebody) -> None:
        self.who, self.characters, self.choices = who, 0, 0

    def types(self, **by_name: str) -> None:
        self.who.fill(**by_name)
        self.characters += sum(map(len, by_name.values()))

    def ticks(self, selector: str) -> None:
        self.who.page.locator(selector).check()
        self.choices += 1

    def presses(self, words: str) -> None:
        self.who.press(words)
        self.choices += 1

    @property
    def minutes(self) -> float:
        return self.characters / (WORDS_A_MINUTE * CHARACTERS_A_WORD) + self.choices * SECONDS_A_CHOICE / 60


@pytest.mark.row("5.1", "5.2")
@pytest.mark.timeout(300)
def test_a_brief_from_its_template_to_its_publication(site: Site, open_page: OpenPage, javascript: bool) -> None:
    made = setting(site)
    met: dict[str, list[str]] = {}

    def enter(email: str) -> Somebody:
        return Somebody(site, open_page(javascript=javascript), email, met, javascript)

    colin = _writes(enter, made, javascript)
    _is_published(enter, colin.who)
    print(
        f"{colin.characters} characters and {colin.choices} choices: {colin.minutes:.1f} minutes at {WORDS_A_MINUTE} words a "
        "minute"
    )
    assert colin.minutes < 10
    assert not any(met.values()), "\n".join(fault for faults in met.values() for fault in faults)


def _writes(enter: Enter, made: Setting, javascript: bool) -> Typist:
    colin = Typist(enter("commissioner@agency.example.org").sign_in())
    page = colin.who.go(f"/briefs/new?framework={made.framework_id}").follow("Lot 1", nth=0).page
    colin.types(title="Therapy for two siblings after several moves")
    colin.ticks("input[name=route][value=mini_competition]")
    colin.types(
        need="Two siblings came to their parents in spring after four moves. Bedtimes take hours, and the elder hits out "
        "when the younger is comforted. The parents have done a parenting course and use it."
    )
    needs, outcomes = page.locator("[data-fills=need] input"), page.locator("[data-fills=outcomes] input")
    for offered in (needs.nth(0), needs.nth(2), outcomes.nth(0), outcomes.nth(2), outcomes.nth(7)):
        offered.check()
        colin.choices += 1
    written = page.locator("#outcomes").input_value()
    assert ("The child sleeps through most nights" in written) == javascript, "with JavaScript at once, else when saved"
    colin.who.pick(place="West: anywhere")
    colin.choices += 1
    colin.ticks("input[name=age_band][value='5 to 8']")
    for place in ("home", "clinic"):
        page.locator(f"input[name=settings][value={place}]").uncheck()
        colin.choices += 1
    colin.types(children="2", budget="3,000")
    colin.ticks("input[name=funding][value=fund]")
    assessed = TODAY - timedelta(days=20)
    colin.who.on("assessed_on", assessed)
    colin.characters += len(f"{assessed:%d%m%Y}")
    page.locator("input[name=weight_1]").fill("45")
    if javascript:
        colin.who.sees("must add up to 100%")
    colin.types(weight_1="50", weight_2="20", weight_3="30")
    if javascript:
        colin.who.sees("The weights add up to 100%.")
    colin.presses("Save the draft")
    colin.who.sees("Two siblings came", "The child sleeps through most nights", "West", "Up to 400 words")
    return colin


def _is_published(enter: Enter, colin: Somebody) -> None:
    """The advice is looked at, changed or left; a second person publishes."""
    brief = colin.path
    colin.follow("Change the brief").sees("Worth a look")
    colin.go(brief)
    while colin.page.locator(".portal-advice button").count():
        colin.page.locator(".portal-advice button").first.click()
        colin.look()
    colin.sees_not("Before it can be published", "Worth a look")
    colin.press("Ask for approval").sees("Approval was asked for")
    ada = enter("approver@agency.example.org").sign_in().go(brief)
    ada.tick("I have read the brief, and no child or family can be known by it").press("Publish and invite members")
    ada.sees("Invited members", "Birch Therapy")
    colin.go(brief).press("Copy this brief").sees("It began as a copy of brief")
    assert colin.page.locator("#need").input_value() == ""
