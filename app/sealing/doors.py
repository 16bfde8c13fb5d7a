"""What a route needs to seal and to ask: the keyholder that `main` handed over, and what this request's session can open."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Annotated, TypeVar

from fastapi import Depends, Request

from app.sealing.asking import Keyholder, Seal, with_keys
from app.web.session import read_token

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Sealing:
    """Call it with what is to be done under a seal: the keyholder is asked, before it is begun again, for what is lacking."""

    keyholder: Keyholder
    seal: Seal

    def __call__(self, act: Callable[[Seal], T]) -> T:
        return with_keys(self.keyholder, self.seal, act)


async def _sealing(request: Request) -> Sealing:
    state = request.app.state
    token = read_token(request, state.settings) or ""
    return Sealing(
        state.keyholder, Seal(state.settings.secret_key, token, state.receipts, state.settings.keyholder_token)
    )


SealingDep = Annotated[Sealing, Depends(_sealing)]
