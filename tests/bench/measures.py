"""Each bar, measured: the floor and ours in turn in one run, so that only their ratio counts."""

from collections.abc import Iterator, Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from itertools import islice
from statistics import mean
from uuid import UUID

from app.settings import Settings
from tests.bench.load import at_once, get, one_by_one, p50, p99, post, side_by_side
from tests.bench.servers import FLOOR, MANNERS, OURS, Server, serving
from tests.bench.world import Member, World

ROUNDS = 6
SUBMIT = "declared=true"


@dataclass(frozen=True)
class Row:
    """One line of the table. `limit` is the most that `figure` may be, or the least; `also` is what else must hold."""

    bar: str
    what: str
    floor: str
    ours: str
    figure: float
    unit: str
    limit: float
    also: bool = True
    at_least: bool = False

    @property
    def met(self) -> bool:
        return self.also and (self.figure >= self.limit if self.at_least else self.figure <= self.limit)


@dataclass
class Stage:
    """A database full of data with the floor and ours serving it. Each draft is submitted once."""

    name: str
    config: Settings
    world: World
    floor: Server
    ours: Server
    drafts: Iterator[tuple[UUID, Member]]

    def submissions(self, count: int) -> list[bytes]:
        return [submission(bid_id, member) for bid_id, member in islice(self.drafts, count)]


def submission(bid_id: UUID, member: Member) -> bytes:
    return post(f"/bids/{bid_id}/submit", SUBMIT, member.cookie)


def ratio(bar: str, what: str, floor: Sequence[float], ours: Sequence[float], limit: float) -> Row:
    """Medians against each other."""
    own, bare = p50(ours), p50(floor)
    return Row(bar, what, f"{bare:.1f} ms", f"{own:.1f} ms", own / bare, "× floor", limit)


def reading(stage: Stage) -> list[Row]:
    """P1, P2 and the list's tail of P10, one connection each."""
    first, brief = stage.world.members[0], stage.world.bid_on

    def both(bare: str, own: str, count: int) -> tuple[list[float], list[float]]:
        return in_turn(stage.floor, [get(bare)] * count, stage.ours, [get(own, first.cookie)] * count)

    lists = both(f"/list/{first.provider_id}", "/opportunities", 100)
    boards = both(f"/list/{first.provider_id}", "/board", 60)
    details = both(f"/brief/{brief}/{first.provider_id}", f"/opportunities/{brief}", 60)
    middle, tail = p50(lists[1]), p99(lists[1])
    return [
        ratio("P1", f"list of open briefs, 50 rows, {stage.name}", *lists, 2.5),
        ratio("P1", f"board of open briefs and own bids, {stage.name}", *boards, 2.5),
        ratio("P2", f"brief with the member's own bid, {stage.name}", *details, 3),
        Row("P10", f"that list's p99 over its p50, {stage.name}", "", f"{tail:.1f} ms", tail / middle, "× p50", 4),
    ]


def in_turn(floor: Server, bare: list[bytes], ours: Server, own: list[bytes]) -> tuple[list[float], list[float]]:
    """Both warm in every worker, then the timings of each, one connection at a time."""
    for server, requests in ((floor, bare), (ours, own)):
        at_once([server.port] * 8, requests)
    return side_by_side(lambda: one_by_one(floor.port, bare), lambda: one_by_one(ours.port, own), rounds=ROUNDS)


def submitting(stage: Stage) -> list[Row]:
    """P3: a sealed bid submitted, against one insert and a commit; on one connection, then on eight.

    Before that enough is sent for each of the server's connections to have its plans: PostgreSQL takes a dozen of each question.
    """
    rows = []
    at_once([stage.floor.port] * 8, [post("/insert", SUBMIT)] * 200, 303)
    at_once([stage.ours.port] * 8, stage.submissions(200), 303)
    for connections, each, rounds in ((1, 20, 10), (8, 80, 5)):
        timings = _beside(stage, "/insert", connections, each, rounds)
        words = "1 connection" if connections == 1 else f"{connections} connections"
        rows.append(ratio("P3", f"submit a bid, {words}, {stage.name}", *timings, 6))
    return rows


def out_of_turn(stage: Stage) -> Row:
    """P3 on SQLite beside a floor that keeps no line: half of its posts are answered at once at the cost of the others, so that
    only all of them together say what one costs.
    """
    floor, ours = _beside(stage, "/insert/out-of-turn", 8, 80, 5)
    bare, own = mean(floor), mean(ours)
    spread = f"mean {bare:.1f} ms, p50 {p50(floor):.1f}, p99 {p99(floor):.0f}"
    theirs = f"mean {own:.1f} ms, p50 {p50(ours):.1f}, p99 {p99(ours):.0f}"
    return Row("P3", "the same beside SQLite's own retries, all posts", spread, theirs, own / bare, "× floor", 6)


def _beside(stage: Stage, bare: str, connections: int, each: int, rounds: int) -> tuple[list[float], list[float]]:
    insert = post(bare, SUBMIT)
    return side_by_side(
        lambda: at_once([stage.floor.port] * connections, [insert] * each, 303),
        lambda: at_once([stage.ours.port] * connections, stage.submissions(each), 303),
        rounds=rounds,
    )


def rush(config: Settings, drafts: Iterator[tuple[UUID, Member]]) -> list[Row]:
    """P10: four processes write bids to one SQLite file at once."""
    with ExitStack() as stack:
        servers = [stack.enter_context(serving(OURS, config, get("/healthz"), processes=1)) for _ in range(4)]
        ports = [server.port for server in servers]
        at_once(ports, [submission(*draft) for draft in islice(drafts, 20)], 303)
        took = at_once(ports, [submission(*draft) for draft in islice(drafts, 400)], 303)
    what = "submit's p99, 4 processes at once, SQLite"
    return [Row("P10", what, "", f"p50 {p50(took):.1f} ms", p99(took), "ms", 60)]


def starting(config: Settings, world: World) -> list[Row]:
    """P9: from the start of the process to the first list of briefs, one worker each."""
    member = world.members[0]
    floor: list[float] = []
    ours: list[float] = []
    for _ in range(4):
        with serving(FLOOR, config, get(f"/list/{member.provider_id}"), processes=1) as server:
            floor.append(server.seconds)
        with serving(OURS, config, get("/opportunities", member.cookie), processes=1) as server:
            ours.append(server.seconds)
    own, bare = p50(ours[1:]), p50(floor[1:])  # the first may have had to compile
    return [Row("P9", "start to the first 200", f"{bare:.2f} s", f"{own:.2f} s", own / bare, "× floor", 1.5)]


def remembering(stage: Stage, *, requests: int = 10_000) -> list[Row]:
    """P9: what each worker weighs after load, and whether it grows."""
    ports = [stage.ours.port] * 8
    mixed = [
        get(path, member.cookie)
        for member in stage.world.members[:8]
        for path in ("/opportunities", "/bids", *["/healthz"] * 5, "/readyz")
    ]
    at_once(ports, mixed * (1000 // len(mixed)))
    before = stage.ours.megabytes()
    at_once(ports, mixed * (requests // len(mixed)))
    after = stage.ours.megabytes()
    floor, most = max(stage.floor.megabytes()), max(after)
    growth = (sum(after) / sum(before) - 1) * 100
    own = f"{most:.0f} MB (parent {stage.ours.parent_megabytes():.0f})"
    return [
        Row("P9", "memory of a worker after load", f"{floor:.0f} MB", own, most, "MB PSS", 100),
        Row("P9", f"growth over {requests:,} requests", "", f"{sum(after) - sum(before):+.1f} MB", growth, "%", 5),
    ]


def manners(stage: Stage) -> list[Row]:
    """P11: the same bare page with nothing around it, and behind everything that every request goes through."""
    first = get("/page", stage.world.members[0].cookie)
    with serving(MANNERS, stage.config, first) as server:
        bare, own = in_turn(stage.floor, [first] * 200, server, [first] * 200)
    price = p50(own) - p50(bare)
    what = f"session, door, headers, log: a bare page, {stage.name}"
    return [Row("P11", what, f"{p50(bare):.2f} ms", f"{p50(own):.2f} ms", price, "ms more", 1)]
