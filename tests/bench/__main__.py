"""`make bench`: what the product costs beside the bare framework, one table, in under four minutes on two cores.

Bars: P1 list of open briefs, P2 one brief, P3 submitting a bid, P5 uploading a document, P6 statements a page, P9 start and
memory, P10 tails, P11 what everything around a request costs, S7 hostile files, S10 whether the time of an
answer tells who has an account. `python -m tests.bench growth` measures P7 instead, what a market of a hundred times the size
costs, in about two minutes; `growth sqlite` does so on SQLite, in about five;
`python -m tests.bench peer` P1 to P3 beside pretalx, in about three;
`python -m tests.bench rush` P8, a crowd at one deadline, through real HTTP on both databases;
`python -m tests.bench guard` what the identity guard finds and what it asks in vain.
Figures hold for this machine and this minute; ratios to the floor travel.
"""

import io
import os
import signal
import sys
import tempfile
import time
from collections.abc import Callable
from contextlib import redirect_stdout
from functools import partial
from pathlib import Path
from typing import Final

from app.core.database import Database
from tests.bench import documents, growth, guard, measures, pages, peer, rush, strangers
from tests.bench.load import get
from tests.bench.measures import Row, Stage
from tests.bench.servers import FLOOR, OURS, production, serving
from tests.bench.world import FEW, MAIN, MANY, prepared
from tests.postgres import PostgresServer


def main() -> int:
    if sys.argv[1:] == ["guard"]:
        guard.show()
        return 0
    signal.signal(signal.SIGTERM, lambda number, frame: sys.exit(128 + number))  # so that what was started is ended
    began, busy = time.perf_counter(), os.getloadavg()[0]
    measure = MEASURES[tuple(sys.argv[1:])]
    with tempfile.TemporaryDirectory(prefix="portal-bench-") as folder, PostgresServer() as postgres:
        rows = measure(Path(folder), postgres)
    show(sorted(rows, key=lambda row: (row.bar[0], int(row.bar[1:]))))
    missed = [row for row in rows if not row.met]
    measured = f"{len(rows)} figures in {time.perf_counter() - began:.0f} s"
    words = "every bar met" if not missed else "not met: " + "; ".join(f"{row.bar} {row.what}" for row in missed)
    if busy > 1:
        print(f"\nOther work was running when this began (load {busy:.1f}): measure again on a quiet machine")
    print(f"\n{measured}; {words}")
    return 0


def beside_the_floor(folder: Path, postgres: PostgresServer) -> list[Row]:
    for name in ("main", "few", "many"):
        postgres.create(name)
    rows = on_postgresql(postgres.url("main"), folder)
    rows += on_sqlite(f"sqlite:///{folder}/portal.db", folder)
    return rows + statements(postgres.url("few"), postgres.url("many"), folder)


MEASURES: Final[dict[tuple[str, ...], Callable[[Path, PostgresServer], list[Row]]]] = {
    (): beside_the_floor,
    ("growth",): growth.measure,
    ("growth", "sqlite"): partial(growth.measure, on_sqlite=True),
    ("peer",): peer.measure,
    ("rush",): rush.measure,
}


def on_postgresql(url: str, folder: Path) -> list[Row]:
    config = production(url, folder)
    world = prepared(url, config, MAIN)
    rows = measures.starting(config, world)
    with serving(FLOOR, config, get("/page")) as floor, serving(OURS, config, get("/healthz")) as ours:
        stage = Stage("PostgreSQL", config, world, floor, ours, iter(world.drafts))
        rows += measures.reading(stage) + measures.manners(stage) + measures.submitting(stage)
        rows += measures.remembering(stage) + strangers.answering(stage)
    return rows + documents.uploading(config, world) + documents.refusing()


def on_sqlite(url: str, folder: Path) -> list[Row]:
    config = production(url, folder)
    world = prepared(url, config, MAIN)
    drafts = iter(world.drafts)
    with serving(FLOOR, config, get("/page")) as floor, serving(OURS, config, get("/healthz")) as ours:
        stage = Stage("SQLite", config, world, floor, ours, drafts)
        rows = [*measures.reading(stage), *measures.submitting(stage), measures.out_of_turn(stage)]
    return rows + measures.rush(config, drafts)


def statements(few: str, many: str, folder: Path) -> list[Row]:
    counted = []
    for url, size in ((few, FEW), (many, MANY)):
        config = production(url, folder)
        world, database = prepared(url, config, size), Database(url)
        with redirect_stdout(io.StringIO()):  # the request log
            counted.append(pages.counts(database, config, world))
        database.close()
    return pages.rows(counted[0][0], counted[1][0], counted[1][1])


def show(rows: list[Row]) -> None:
    heads = ("bar", "what", "beside", "ours", "figure", "bar", "")
    lines = [heads] + [
        (
            row.bar,
            row.what,
            row.floor,
            row.ours,
            f"{row.figure:.2f} {row.unit}" if row.unit != "SQL" else f"{row.figure:.0f} SQL",
            f"at {'least' if row.at_least else 'most'} {row.limit:g}",
            "met" if row.met else "NOT MET",
        )
        for row in rows
    ]
    widths = [max(len(line[column]) for line in lines) for column in range(len(heads))]
    for line in lines:
        print("  ".join(cell.ljust(width) for cell, width in zip(line, widths, strict=True)).rstrip())


if __name__ == "__main__":
    raise SystemExit(main())
