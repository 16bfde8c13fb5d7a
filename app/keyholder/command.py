"""`python -m app keyholder`: serve, or change the master key."""

import sys

from app.core.crypto import Keyring
from app.core.database import Database
from app.keyholder.rotating import rotate
from app.keyholder.serving import serve
from app.settings import KeyholderSettings


def keyholder(config: KeyholderSettings, rest: list[str]) -> int:
    """Ends with 1 when there are keys that no master key opens, which are named."""
    if rest not in ([], ["rotate"]):
        print("usage: python -m app keyholder [rotate]", file=sys.stderr)
        return 2
    if not rest:
        serve(config)
        return 0
    database, master = Database(config.database_url), Keyring.parse(config.master_keys, "master")
    try:
        done = rotate(database, master)
    finally:
        database.close()
    print(f"key {master.current}: {done.keys} keys wrapped anew, {done.approvals} approvals proved anew")
    for row in done.lost:
        print(f"does not open: the key of {row.holder} {row.holder_id}, under master key {row.master_key_id}")
    return 1 if done.lost else 0
