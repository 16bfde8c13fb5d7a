"""The web process: it imports what it serves and no more, for each worker pays for it in start-up and memory."""

import subprocess
import sys

import uvicorn

from app.settings import Settings


def serve(config: Settings, rest: list[str]) -> int:
    if not (config.root / "static" / "vendor" / "htmx.min.js").exists():
        subprocess.run([sys.executable, str(config.root / "static" / "build.py")], check=True)  # noqa: S603
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
