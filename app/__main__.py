"""The command line: `python -m app COMMAND`.

run        everything a newcomer needs: migrate, load reference data, fill the demonstration, serve and work
serve      the web process
work       the worker: delivers mail
migrate    bring the database to the newest revision
reference  load or correct the reference data
demo       fill the demonstration, if it is not there yet
audit      `audit verify` walks the chain of events and reports every fault
"""

import argparse
import sys
from collections.abc import Callable
from pathlib import Path

import uvicorn

from app.core import audit as trail
from app.core.database import Database
from app.settings import Settings, settings


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m app", description=__doc__, formatter_class=_Formatter)
    parser.add_argument("command", choices=sorted(COMMANDS))
    parser.add_argument("rest", nargs="*")
    given = parser.parse_args()
    return COMMANDS[given.command](settings(), given.rest)


class _Formatter(argparse.RawDescriptionHelpFormatter):
    pass


def migrate(config: Settings, rest: list[str]) -> int:
    from alembic import command
    from alembic.config import Config

    if config.database_url.startswith("sqlite:///"):
        Path(config.database_url.removeprefix("sqlite:///")).parent.mkdir(parents=True, exist_ok=True)
    alembic = Config(toml_file=str(config.root / "pyproject.toml"))
    alembic.attributes["database_url"] = config.database_url
    command.upgrade(alembic, rest[0] if rest else "head")
    return 0


def serve(config: Settings, rest: list[str]) -> int:
    uvicorn.run(
        "app.main:create_app",
        factory=True,
        host=config.host,
        port=config.port,
        workers=config.processes,
        log_level="warning",
        proxy_headers=True,
        forwarded_allow_ips=config.forwarded_by,
        server_header=False,
    )
    return 0


def audit(config: Settings, rest: list[str]) -> int:
    if rest != ["verify"]:
        print("usage: python -m app audit verify", file=sys.stderr)
        return 2
    database = Database(config.database_url)
    with database.read() as session:
        faults = list(trail.verify(session))
    for fault in faults:
        print(f"event {fault.position} {fault.words}")
    print("the chain is whole" if not faults else f"{len(faults)} faults")
    return 1 if faults else 0


COMMANDS: dict[str, Callable[[Settings, list[str]], int]] = {"serve": serve, "migrate": migrate, "audit": audit}

if __name__ == "__main__":
    raise SystemExit(main())
