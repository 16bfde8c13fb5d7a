"""The command line: `python -m app COMMAND`.

run        everything a newcomer needs: migrate, load reference data, fill the demonstration, serve and work
serve      the web process
keyholder  the process that alone reads the keys of sealed bids; `keyholder rotate` changes its master key
work       the worker: delivers mail, scans what waits, and does the day's duties
migrate    bring the database to the newest revision, or to the one given
reference  load or correct the reference data
demo       fill the demonstration, unless something is there already
appoint    `appoint EMAIL ROLE ORGANISATION` seats the first person of an agency, a framework lead or the platform
documents  `documents sweep` deletes what no row names and tells what is missing; `documents rotate` changes keys
receipt    `receipt verify FILE [KEYS]` checks a receipt by this service's keys, or by those published in KEYS
audit      `audit verify` walks the chain of events and reports every fault
retention  `retention --dry-run` lists the files and names whose time is over and why; `--apply` lets them go, with proof
"""

import argparse
from importlib import import_module
from typing import Final

from app.settings import KeyholderSettings, settings

COMMANDS: Final = {
    "run": "app.operations:run",
    "serve": "app.serving:serve",
    "keyholder": "app.keyholder.command:keyholder",
    "work": "app.operations:tend",
    "migrate": "app.operations:migrate",
    "reference": "app.operations:reference",
    "demo": "app.operations:fill",
    "appoint": "app.operations:appoint",
    "documents": "app.operations:documents",
    "receipt": "app.operations:receipt",
    "audit": "app.operations:audit",
    "retention": "app.operations:retention",
}


def main() -> int:
    parser = argparse.ArgumentParser(
        prog="python -m app", description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("command", choices=COMMANDS, metavar="COMMAND")
    parser.add_argument("rest", nargs=argparse.REMAINDER, help=argparse.SUPPRESS)
    given = parser.parse_args()
    module, function = COMMANDS[given.command].split(":")
    config = KeyholderSettings() if given.command == "keyholder" else settings()
    return int(getattr(import_module(module), function)(config, given.rest))


if __name__ == "__main__":
    raise SystemExit(main())
