"""A provider whose evidence is met on its pages, by each kind of person, and what they read there."""

from dataclasses import dataclass
from io import BytesIO
from uuid import UUID

from bs4 import BeautifulSoup
from httpx2 import Response
from sqlmodel import Session, select
from starlette.testclient import TestClient

from app.core.actor import Actor
from app.core.blobs import Blobs, remember
from app.core.database import Database
from app.evidence import commands, reference
from app.evidence.models import Document, EvidenceItem
from app.evidence.rules import ItemFacts, ScanState
from app.organisations.rules import OrganisationKind, Role
from app.providers.models import Practitioner
from tests import factories
from tests.evidence import files

INSURANCE = {
    "issuer": "Example Insurance",
    "reference": "PL-1",
    "cover": "5,000,000",
    "starts_on-day": "1",
    "starts_on-month": "7",
    "starts_on-year": "2026",
    "expires_on-day": "30",
    "expires_on-month": "6",
    "expires_on-year": "2027",
}


def soup_of(answer: Response) -> BeautifulSoup:
    return BeautifulSoup(answer.text, "html.parser")


def heading_of(answer: Response) -> str:
    [heading] = soup_of(answer).find_all("h1")
    return heading.get_text(" ", strip=True)


def errors_of(answer: Response) -> list[str]:
    return [link.get_text(strip=True) for link in soup_of(answer).select(".govuk-error-summary__list a")]


def refusal_of(answer: Response) -> str:
    return soup_of(answer).select_one(".portal-refusal").get_text(" ", strip=True)


@dataclass
class Set:
    provider_id: UUID
    practitioner_id: UUID
    owner: Actor
    keeper: Actor
    reader: Actor
    other_owner: Actor
    checker: Actor
    commissioner: Actor

    @property
    def here(self) -> str:
        return f"/providers/{self.provider_id}/evidence"


def alder(session: Session) -> Set:
    reference.load(session)
    provider_id, other_id = (
        factories.provider(session, "Alder Therapy"),
        factories.provider(session, "Birch Therapy"),
    )
    hub = factories.organisation(session, OrganisationKind.PLATFORM, "Test hub")
    practitioner = session.exec(select(Practitioner.id).where(Practitioner.provider_id == provider_id)).one()
    return Set(
        provider_id,
        practitioner,
        factories.seated(session, provider_id, Role.OWNER, name="Olive Owner"),
        factories.seated(session, provider_id, Role.DOCUMENTS, name="Dora Documents"),
        factories.seated(session, provider_id, Role.BIDS, name="Rita Reader"),
        factories.seated(session, other_id, Role.OWNER, name="Omar Owner"),
        factories.seated(session, hub, Role.CHECKER, name="Cara Checker"),
        factories.seated(session, factories.raa(session, "Test agency"), Role.COMMISSIONER, name="Colin"),
    )


def document_of(
    db: Database,
    blobs: Blobs,
    made: Set,
    *,
    kind: str = "ins_public_liability",
    state: ScanState = ScanState.CLEAN,
    submitted: bool = True,
    content: bytes = b"",
    media_type: str = "application/pdf",
) -> tuple[UUID, UUID]:
    """An item with one document in this state; (item, document)."""
    blob = blobs.put(BytesIO(content or files.pdf()), room="evidence")
    with db.write() as session:
        facts = ItemFacts(
            kind=kind, practitioner_id=made.practitioner_id, issuer="Example", reference="R-1", cover_pence=1
        )
        item_id = commands.add_item(session, made.owner, made.provider_id, facts)
        item = session.get_one(EvidenceItem, item_id)
        item.submitted_at = item.added_at if submitted else None
        row = Document(
            item_id=item_id,
            blob_key=blob.key,
            sha256=blob.sha256,
            size=blob.size,
            media_type=media_type,
            file_name="certificate.pdf",
            uploaded_at=item.added_at,
            uploaded_by=made.owner.known,
            scan_state=state,
        )
        remember(session, blob)
        session.add(row)
        return item_id, row.id


def new_item(client: TestClient, made: Set) -> str:
    answer = client.post(f"{made.here}/add?kind=ins_public_liability", data=INSURANCE)
    assert answer.status_code == 303
    return str(answer.headers["location"])


def upload(client: TestClient, item: str, content: bytes, name: str = "policy.pdf") -> Response:
    return client.post(f"{item}/documents", files={"file": (name, content, "application/pdf")})


def ticked_on(page: Response) -> dict[str, list[str]]:
    """Every point of the checklist on this page, seen."""
    return {"seen": [box["value"] for box in soup_of(page).select("input[name=seen]")]}
