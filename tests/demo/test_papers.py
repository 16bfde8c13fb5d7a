"""The papers of the demonstration open as real PDF files, say what they are about, and cannot be taken for real ones."""

from datetime import date
from io import BytesIO

import pikepdf
import pytest

from app.demo.papers import Paper, kinds, pdf
from app.evidence.files import Intake


def paper(
    kind: str = "ins_public_liability", holder: str = "Larkfield Therapy", issuer: str = "Marlpit Mutual"
) -> Paper:
    return Paper(
        kind=kind,
        holder=holder,
        provider="Larkfield Therapy",
        issuer=issuer,
        reference="PL-2026-000007",
        starts_on=date(2026, 5, 1),
        expires_on=date(2027, 4, 30),
        cover_pence=500_000_000,
        profession="Therapist",
    )


@pytest.mark.parametrize("kind", sorted(kinds()))
def test_every_kind_is_one_tagged_page_with_a_title_that_says_it_is_a_demonstration(kind: str) -> None:
    with pikepdf.open(BytesIO(pdf(paper(kind)))) as file:
        assert len(file.pages) == 1
        assert file.docinfo["/Title"] == f"{kinds()[kind]['title']} – Larkfield Therapy"
        assert "demonstration" in str(file.docinfo["/Keywords"])
        assert file.Root.MarkInfo.Marked
        with file.open_metadata() as metadata:
            assert metadata["pdfuaid:part"] == "1"


def test_the_same_paper_is_the_same_file_to_the_byte() -> None:
    assert pdf(paper()) == pdf(paper())


def test_what_a_name_looks_like_does_not_matter_to_the_typesetter() -> None:
    with pikepdf.open(BytesIO(pdf(paper(holder='#panic("x") $*_ "Åsa" \\ & Sons')))) as file:
        assert str(file.docinfo["/Title"]).endswith('#panic("x") $*_ "Åsa" \\ & Sons')


def test_the_upload_door_takes_them() -> None:
    with Intake() as intake:
        intake.write(pdf(paper()))
        assert intake.fit("certificate.pdf").media_type == "application/pdf"
