"""The identity guard finds what could name a child, and lets ordinary words pass."""

import pytest

from app.briefs.identity import identifying


@pytest.mark.row("5.3")
@pytest.mark.parametrize(
    ("text", "kind"),
    [
        ("Write to jo.bloggs+x@example.org.uk today", "email"),
        ("Ring 01206 555 019 first", "telephone"),
        ("Mobile 07700 900123", "telephone"),
        ("Mobile +44 7700 900 123.", "telephone"),
        ("Phone (020) 7946-0018", "telephone"),
        ("They live near CO1 1AA.", "postcode"),
        ("lives at sw1a2aa", "postcode"),
        ("Her number is 943 476 5919", "nhs_number"),
        ("9434765919", "nhs_number"),
        ("Born on 3 May 2018 in care", "date_of_birth"),
        ("DOB: 03/05/2018", "date_of_birth"),
        ("date of birth 2018-05-03", "date_of_birth"),
        ("d.o.b. 3.5.18", "date_of_birth"),
        ("He attends Kingfisher Primary School", "school"),
        ("a place at St Cuthbert’s Academy", "school"),
        ("Play therapy, 12 Acacia Avenue, soon", "address"),
        ("of 4b St Mary’s Close", "address"),
        ("The boy, named Tom, is tired", "name"),
        ("Her brother is called Zachary", "name"),
        ("known as Bo", "name"),
    ],
)
def test_it_finds(text: str, kind: str) -> None:
    assert kind in {finding.kind for finding in identifying(text)}


@pytest.mark.row("5.3")
@pytest.mark.parametrize(
    "text",
    [
        "Two siblings find it hard to feel safe at home after several moves.",
        "They attend a primary school and a secondary school nearby.",
        "Primary School staff are trained. His School helps.",
        "Sessions from 5 January 2027, 20 in all, £3,000.00 at most.",
        "They lived in 4 homes by the age of 6; 12 sessions were tried in 2024.",
        "The approach called dyadic work has been tried.",
        "They moved 3 times in 2 years, and the Way Home course of 6 sessions helped.",
        "943 476 5918 is no valid number of that kind",
        "Lot 3, in Yorkshire, DDP level 2, EMDR and A1 paper.",
        "",
    ],
)
def test_it_lets_ordinary_words_pass(text: str) -> None:
    assert identifying(text) == []


def test_a_finding_quotes_what_it_saw_and_says_what_to_write() -> None:
    (finding,) = identifying("They live at CO1 1AA.")
    assert finding.excerpt == "CO1 1AA"
    assert finding.words == "“CO1 1AA” looks like a full postcode. Say the district or region."
