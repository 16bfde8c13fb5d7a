"""A limit on how many public pages one address may ask for in a minute, so that a list is read and not copied off."""

import time
from dataclasses import dataclass, field
from threading import Lock
from typing import Annotated, Final

from fastapi import Depends, Request
from starlette.exceptions import HTTPException

from app.web.routing import ActorDep

MOST_HOSTS: Final = 10_000
MINUTE: Final = 60.0


@dataclass
class Pace:
    """Pages left to each address, refilled as time passes. Of one process: several processes allow as many times more."""

    per_minute: int
    left: dict[str, tuple[float, float]] = field(default_factory=dict)
    _one: Lock = field(default_factory=Lock)  # whose turn it is: requests are answered side by side

    def take(self, host: str, now: float) -> float:
        """Take one page; 0, or how many seconds to wait for the next. `now` is in seconds of a clock that never goes back."""
        with self._one:
            pages, at = self.left.pop(host, (float(self.per_minute), now))
            pages = min(float(self.per_minute), pages + (now - at) * self.per_minute / MINUTE)
            allowed = pages >= 1
            self.left[host] = (pages - allowed, now)
            while len(self.left) > MOST_HOSTS:
                self.left.pop(next(iter(self.left)))
        return 0.0 if allowed else (1 - pages) * MINUTE / self.per_minute


async def _paced(request: Request, actor: ActorDep) -> None:
    """Those who are signed in are known, and not counted. Raises 429 with the seconds to wait."""
    if actor.person_id is not None:
        return
    pace: Pace = request.app.state.pace
    host = request.client.host if request.client else "unknown"
    wait = pace.take(host, time.monotonic())
    if wait:
        raise HTTPException(429, headers={"Retry-After": str(int(wait) + 1)})


Paced = Annotated[None, Depends(_paced)]
"""A parameter of a handler whose page anybody may read."""
