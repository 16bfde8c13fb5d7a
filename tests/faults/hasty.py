"""The portal as it must not be run: SQLite answers before the disk has it, and nothing refuses to start so."""

from typing import Any

from fastapi import FastAPI
from sqlalchemy import Engine, event

from app import main
from app.core.database import Database


def _hurry(raw: Any, _record: Any) -> None:
    raw.execute("pragma synchronous=normal")


def create_app() -> FastAPI:
    Database.refuse_if_unsafe = lambda self: None  # type: ignore[method-assign]
    app = main.create_app()
    engine: Engine = app.state.database.engine
    event.listen(engine, "connect", _hurry)
    return app
