"""The keyholder as the portal meets it: over HTTP, on this machine or encrypted, and with a token that both know."""

import base64
from collections.abc import Mapping
from typing import Any
from uuid import UUID

import httpx2

from app.core.refusals import NotFound, Refusal, Refused
from app.core.sealing import KeyholderAway
from app.sealing.asking import Released
from app.sealing.rules import Holder

SECONDS = 10.0


class KeyholderClient:
    """Safe to share between threads. Connects when first asked."""

    def __init__(self, url: str, token: str) -> None:
        self._http = httpx2.Client(
            base_url=url, headers={"Authorization": f"Bearer {token}"}, timeout=SECONDS, trust_env=False
        )

    def make_key(self, token: str, holder: Holder, holder_id: UUID) -> None:
        self._ask("make-key", token, holder=holder, id=str(holder_id))

    def read_own(self, token: str, bid_id: UUID) -> Mapping[UUID, bytes]:
        return _keys(self._ask("read-own", token, id=str(bid_id)))

    def approve_opening(self, token: str, brief_id: UUID) -> str:
        return str(self._ask("approve-opening", token, id=str(brief_id))["witness"])

    def open_bids(self, token: str, brief_id: UUID) -> Released:
        return _released(self._ask("open-bids", token, id=str(brief_id)))

    def finish_quality(self, token: str, brief_id: UUID) -> str:
        return str(self._ask("finish-quality", token, id=str(brief_id))["witness"])

    def approve_prices(self, token: str, brief_id: UUID) -> str:
        return str(self._ask("approve-prices", token, id=str(brief_id))["witness"])

    def open_prices(self, token: str, brief_id: UUID) -> Released:
        return _released(self._ask("open-prices", token, id=str(brief_id)))

    def follow_closes(self) -> None:
        self._ask("follow-closes", "")

    def close(self) -> None:
        self._http.close()

    def _ask(self, verb: str, token: str, **about: str) -> dict[str, Any]:
        try:
            answer = self._http.post(f"/{verb}", json={"token": token, **about})
            told = answer.json()
        except (httpx2.HTTPError, ValueError) as error:
            raise KeyholderAway(type(error).__name__) from error
        if answer.status_code == 404:
            raise NotFound
        if answer.status_code == 409:
            fix = told.get("fix")
            raise Refused(Refusal(told["code"], told["words"], (fix[0], fix[1]) if fix else None))
        if answer.status_code != 200:
            raise KeyholderAway(f"answered {answer.status_code}")
        return dict(told)


def _released(answer: Mapping[str, Any]) -> Released:
    return Released(str(answer["witness"]), _keys(answer))


def _keys(answer: Mapping[str, Any]) -> dict[UUID, bytes]:
    return {UUID(letter_id): base64.b64decode(key) for letter_id, key in answer["keys"].items()}
