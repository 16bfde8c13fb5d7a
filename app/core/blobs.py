"""Documents' bytes, by content hash, in a folder or in any S3-compatible store. Bytes first, then the row that names them."""

import hashlib
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO, Final

import obstore
from obstore.exceptions import AlreadyExistsError, BaseError
from obstore.store import from_url

PIECE: Final = 1 << 16


@dataclass(frozen=True, slots=True)
class Blob:
    """`key` opens it, `sha256` in hexadecimal names its content, `size` is in bytes."""

    key: str
    sha256: str
    size: int


@contextmanager
def _in_our_words() -> Iterator[None]:
    """A store that is away or refuses raises `OSError`, whichever store it is."""
    try:
        yield
    except BaseError as error:
        raise OSError(f"the document store failed: {type(error).__name__}") from error


class Blobs:
    """Every method raises `OSError` when the store is away.

    `url` is `file:PATH` or `s3://bucket` (credentials and endpoint from the AWS_ variables).
    """

    def __init__(self, url: str) -> None:
        if url.startswith("file:"):
            folder = Path(url.removeprefix("file:")).resolve()
            folder.mkdir(parents=True, exist_ok=True)
            self._store = from_url(folder.as_uri())
        else:
            self._store = from_url(url)

    def put(self, content: BinaryIO, *, room: str) -> Blob:
        """Store what `content` yields from its start; the same bytes a second time are the same blob."""
        digest, size = hashlib.sha256(), 0
        content.seek(0)
        while piece := content.read(PIECE):
            digest.update(piece)
            size += len(piece)
        content.seek(0)
        blob = Blob(f"{room}/{digest.hexdigest()[:2]}/{digest.hexdigest()}", digest.hexdigest(), size)
        with _in_our_words(), suppress(AlreadyExistsError):
            obstore.put(self._store, blob.key, content, mode="create", use_multipart=False)
        return blob

    def get(self, key: str) -> bytes:
        """Raises `FileNotFoundError`."""
        with _in_our_words():
            return bytes(obstore.get(self._store, key).bytes())

    def delete(self, key: str) -> None:
        with _in_our_words():
            obstore.delete(self._store, key)

    def keys(self) -> list[str]:
        return sorted(meta["path"] for page in obstore.list(self._store) for meta in page)
