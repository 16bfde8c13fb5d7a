"""Every template compiles, stands in its room's folder, carries no script or style of its own, and every htmx target exists."""

import re
from itertools import product
from pathlib import Path

import pytest
from jinja2 import meta, nodes

from app.web.pages import TEMPLATES, environment, plain

PAGES = sorted(path.relative_to(TEMPLATES) for path in TEMPLATES.rglob("*.html"))
MAILS = sorted(path.relative_to(TEMPLATES) for path in TEMPLATES.rglob("*.txt"))
SAFE_ALLOWED: set[str] = set()


def test_there_are_templates() -> None:
    assert len(PAGES) > 20
    assert MAILS


def test_a_page_compiles_and_is_clean() -> None:
    for path in PAGES:
        environment().get_template(str(path))
        text = (TEMPLATES / path).read_text()
        if path.name != "base.html":
            assert "<script" not in text, path
        assert not re.search(r"<style|\sstyle=|\son\w+=|hx-on|javascript:", text), f"{path}: inline script or style"
        assert "|safe" not in text.replace(" ", "") or str(path) in SAFE_ALLOWED, path


def test_every_htmx_target_is_an_element_and_a_block_of_its_page() -> None:
    for path in PAGES:
        text = (TEMPLATES / path).read_text()
        for target in re.findall(r'hx-target="#([\w-]+)"', text):
            assert f'id="{target}"' in text, path
            assert re.search(rf"{{%\s*block {target.replace('-', '_')}\s*%}}", text), f"{path}: no block for #{target}"


def test_a_mail_has_a_subject_and_a_body() -> None:
    for path in MAILS:
        subject, _, body = (TEMPLATES / path).read_text().partition("\n")
        assert 5 < len(subject.strip()) < 120, path
        assert len(body.strip()) > 20, path


@pytest.mark.parametrize("path", MAILS, ids=str)
def test_no_mail_has_two_blank_lines_in_a_row_whatever_it_leaves_out(path: Path) -> None:
    tree = environment().parse((TEMPLATES / path).read_text())
    given = {name: {"words"} for name in meta.find_undeclared_variables(tree)}
    for asks in tree.find_all((nodes.If, nodes.CondExpr)):
        found = [asks.test, *asks.test.find_all(nodes.Expr)]
        values = {node.value for node in found if isinstance(node, nodes.Const)}
        for node in found:
            if isinstance(node, nodes.Name):
                given[node.name] |= {"", *values}
    for values in product(*given.values()):
        _, body = plain(str(path.relative_to("mail")), dict(zip(given, values, strict=True)))
        assert "\n\n\n" not in body, body


def test_a_mail_that_the_version_before_queued_still_leaves() -> None:
    """One that cannot be rendered is lost in the end, so its file stays for one release after the last was queued."""
    queued = {"reference": "B-1", "closes_at": "noon", "brief_id": "1"}
    subject, body = plain("briefs/agree_start.txt", queued | {"public_url": "https://portal"})
    assert subject == "Brief B-1: its start must be agreed" and body.rstrip().endswith("https://portal/briefs/1")


def test_no_mail_says_what_a_brief_is_about() -> None:
    """It concerns a family, and a mail is read by whoever reads the inbox: it names the brief by its reference alone."""
    for path in MAILS:
        told = meta.find_undeclared_variables(environment().parse((TEMPLATES / path).read_text()))
        assert not {"title", "need", "outcomes", "area"} & told, path
