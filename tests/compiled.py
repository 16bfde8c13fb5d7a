"""The house's templates, compiled once for as long as neither they nor what compiles them changes, as Python's modules are."""

from functools import lru_cache
from hashlib import sha256

from jinja2 import FileSystemBytecodeCache

from tests import ROOT


@lru_cache
def _compiler() -> str:
    """The digest of all that is compiled into a template beside itself: the environment, its filters, and the packages."""
    rooms = (path for room in ("web", "core") for path in sorted((ROOT / "app" / room).glob("*.py")))
    return sha256(b"".join(path.read_bytes() for path in (*rooms, ROOT / "requirements-dev.lock"))).hexdigest()


class Compiled(FileSystemBytecodeCache):
    def get_source_checksum(self, source: str) -> str:
        return super().get_source_checksum(source + _compiler())
