"""Three doors about receipts: the keys and the check for anybody, the file for its bidder.

The check asks no database: it tells whether this service signed what it is shown, and nothing of what there is.
"""

from datetime import datetime
from uuid import UUID

from fastapi import Request
from fastapi.responses import JSONResponse, Response

from app.bids.policy import bidders
from app.bids.queries import own_receipt
from app.bids.receipts.forms import ReceiptForm
from app.bids.rules import RECEIPT_FIELDS, to_the_second
from app.core.signing import check, published
from app.web.forms import Posted, blank, posted
from app.web.pace import Paced
from app.web.pages import page
from app.web.routing import ActorDep, DatabaseDep, Router, anyone

router = Router()


@router.get("/receipts/keys", allow=anyone)
def public_keys(request: Request, paced: Paced) -> Response:
    return JSONResponse(published(request.app.state.receipts.public))


@router.get("/receipts/verify", allow=anyone)
def ask(request: Request, paced: Paced) -> Response:
    return page(request, "bids/verify.html", form=blank(), found=None, received="")


@router.post("/receipts/verify", allow=anyone)
def verify(request: Request, paced: Paced, form: Posted[ReceiptForm] = posted(ReceiptForm)) -> Response:
    if form.value is None:
        return page(request, "bids/verify.html", status=422, form=form, found=None, received="")
    found = check(form.value.receipt, request.app.state.receipts.public, RECEIPT_FIELDS)
    received = to_the_second(datetime.fromisoformat(found.said["received_at"])) if found.said else ""
    return page(request, "bids/verify.html", form=form, found=found, received=received)


@router.get("/bids/{bid_id}/receipt.json", allow=bidders)
def download(actor: ActorDep, db: DatabaseDep, bid_id: UUID) -> Response:
    with db.read() as session:
        receipt = own_receipt(session, actor, bid_id)
    name = f"receipt-{receipt.reference}.json"
    headers = {"Content-Disposition": f'attachment; filename="{name}"'}
    return Response(receipt.signed, media_type="application/json", headers=headers)
