"""People with a browser of their own: what they press, type and read, in the words of the page."""

import re
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import date

from playwright.sync_api import Page

from tests.browser.conftest import Site, axe_faults

PASSWORD = "three random wrens"
TRIES = 60


@dataclass
class Somebody:
    """A person at the site. Each kind of page is checked by axe once in a whole journey: `met` holds what it found.

    Without JavaScript axe cannot run, and the same pages are met with it.
    """

    site: Site
    page: Page
    email: str
    met: dict[str, list[str]] = field(default_factory=dict)
    javascript: bool = True

    def go(self, path: str) -> "Somebody":
        self.page.goto(self.site.url + path)
        return self.look()

    def look(self) -> "Somebody":
        """What any reader would notice: no error page, one heading."""
        self.page.wait_for_load_state()
        heading = self.page.locator("h1")
        heading.first.wait_for(state="attached")
        assert heading.count() == 1, f"{self.page.url} has {heading.count()} h1"
        assert heading.inner_text() not in ("Page not found", "Something went wrong"), self.page.url
        kind = re.sub(r"[0-9a-f]{8}-[0-9a-f-]{27}|(?<=/)[\w-]{30,}", "…", self.page.url.removeprefix(self.site.url))
        if kind not in self.met:
            self.met[kind] = [*axe_faults(self.page), *_labels_of_nothing(self.page)] if self.javascript else []
        return self

    def press(self, words: str, *, nth: int = 0) -> "Somebody":
        self.page.get_by_role("button", name=words).nth(nth).click()
        return self.look()

    def follow(self, words: str | re.Pattern[str], *, nth: int = 0) -> "Somebody":
        self.page.locator("main").get_by_role("link", name=words).nth(nth).click()
        return self.look()

    def fill(self, **by_name: str) -> "Somebody":
        for name, text in by_name.items():
            self.page.locator(f"[name='{name}']").fill(text)
        return self

    def pick(self, **by_name: str) -> "Somebody":
        """Choose from lists, by the words shown."""
        for name, label in by_name.items():
            self.page.locator(f"select[name='{name}']").select_option(label=label)
        return self

    def tick(self, label: str | re.Pattern[str], *, nth: int = 0) -> "Somebody":
        self.page.get_by_label(label).nth(nth).check()
        return self

    def on(self, name: str, day: date) -> "Somebody":
        return self.fill(
            **{f"{name}-day": str(day.day), f"{name}-month": str(day.month), f"{name}-year": str(day.year)}
        )

    def attach(self, name: str, content: bytes) -> "Somebody":
        self.page.locator("input[type=file]").set_input_files(
            {"name": name, "mimeType": "application/pdf", "buffer": content}
        )
        return self

    def sees(self, *words: str) -> "Somebody":
        text = self.page.locator("main").inner_text()
        for expected in words:
            assert expected in text, f"{expected!r} is not on {self.page.url}:\n{text[:1500]}"
        return self

    def waits_for(self, *words: str) -> "Somebody":
        """What a moment's work in the background brings: by the page itself, or by looking again where there is no JavaScript."""
        for _ in range(TRIES):
            text = self.page.locator("main").inner_text()
            if all(expected in text for expected in words):
                return self
            self.page.wait_for_timeout(500)
            self.page.reload()
        return self.sees(*words)

    def sees_not(self, *words: str) -> "Somebody":
        text = self.page.locator("main").inner_text()
        for unexpected in words:
            assert unexpected not in text, f"{unexpected!r} is on {self.page.url}"
        return self

    def sign_in(self) -> "Somebody":
        self.go("/sign-in").fill(email=self.email, password=PASSWORD)
        return self.press("Sign in")

    @property
    def path(self) -> str:
        return self.page.url.removeprefix(self.site.url)


def _labels_of_nothing(page: Page) -> list[str]:
    """Cells that a phone would show as the name of their column and nothing else."""
    bare: list[str] = page.eval_on_selector_all(
        "[data-column]:not([data-column=''])",
        "cells => cells.filter(one => !one.innerText.trim() && !one.querySelector('input, select, textarea, svg'))"
        ".map(one => one.dataset.column)",
    )
    return [f"{page.url}: an empty cell is labelled “{name}”" for name in bare]


Enter = Callable[[str], Somebody]
