"""Accounts over HTTP: registration, sign-in and out, forgotten passwords, one's own account, and the demonstration's doors.

A password is always hashed or checked between two transactions, never inside one.
"""

from datetime import timedelta
from typing import Any, Final
from urllib.parse import quote
from uuid import UUID

from fastapi import Request
from sqlmodel import Session
from starlette.responses import Response

from app.accounts import commands, queries, rules
from app.accounts.forms import Address, NewPassword, Onward, PasswordChange, Registration, SignIn, StepIn
from app.accounts.passwords import hashed, matches
from app.accounts.rules import Attempt, LinkKind, local_path
from app.accounts.visiting import Visitor, VisitorDep
from app.core.actor import Actor
from app.core.database import Database
from app.core.refusals import NotFound, Refusal, Refused
from app.settings import Settings
from app.web.evenly import answer_evenly
from app.web.forms import Posted, blank, posted
from app.web.pages import page, see
from app.web.routing import ActorDep, DatabaseDep, Router, SettingsDep, anyone, signed_in
from app.web.session import drop_token, give_token, read_token

router = Router()

SENT: Final = {
    "registration": "We have sent a message to the address you gave. Open the link in it to confirm the address.",
    "confirmation": "If the address is waiting to be confirmed, we have sent a new link to it.",
    "reset": "If there is an account with that address, we have sent a link to it. The link works for one hour.",
}
DONE: Final = {
    "confirmed": "Your e-mail address is confirmed. Sign in to go on.",
    "reset": "Your new password is set and every session has ended. Sign in with it.",
    "signed-out": "You have signed out.",
    "password": "Your password is changed. Every other session has ended.",
    "ended": "The session has ended.",
    "others": "Every other session has ended.",
}


# --- Registration


@router.get("/register", allow=anyone)
def registration(request: Request, actor: ActorDep, next: str = "") -> Response:
    if signed_in(actor):
        return see(local_path(next))
    return page(request, "accounts/register.html", form=blank(next=local_path(next)), refusal=None)


@router.post("/register", allow=anyone)
def register(
    request: Request, db: DatabaseDep, visitor: VisitorDep, form: Posted[Registration] = posted(Registration)
) -> Response:
    form = _with_a_strong_password(form, form.value.email if form.value else "")
    if form.value is None or form.errors:
        return page(request, "accounts/register.html", status=422, form=form, refusal=None)
    given = form.value
    try:
        with db.write() as session:
            commands.count_try(session, Attempt.REGISTER, email=given.email, host=visitor.host)
    except Refused as refused:
        return page(request, "accounts/register.html", status=409, form=form, refusal=refused.refusal)
    password = hashed(given.password)
    with db.write() as session:
        commands.register_person(
            session, name=given.name, email=given.email, password=password, onward=local_path(given.next)
        )
    answer_evenly(form.arrived)
    return see("/sent/registration")


@router.get("/sent/{what}", allow=anyone)
def sent(request: Request, config: SettingsDep, what: str) -> Response:
    if what not in SENT:
        raise NotFound
    return page(request, "accounts/sent.html", words=SENT[what], folder=_mail_folder(config))


@router.post("/confirm", allow=anyone)
def send_again(
    request: Request, db: DatabaseDep, visitor: VisitorDep, form: Posted[Address] = posted(Address)
) -> Response:
    if form.value is None:
        raise NotFound
    with db.write() as session:
        commands.count_try(session, Attempt.CONFIRM, email=form.value.email, host=visitor.host)
    with db.write() as session:
        commands.send_confirmation(session, form.value.email, onward=local_path(form.value.next))
    answer_evenly(form.arrived)
    return see("/sent/confirmation")


@router.get("/confirm/{token}", allow=anyone)
def confirmation(request: Request, db: DatabaseDep, token: str, next: str = "") -> Response:
    try:
        with db.read() as session:
            person = queries.linked(session, LinkKind.CONFIRM, token)
    except Refused as refused:
        return _dead_link(request, refused.refusal)
    return page(request, "accounts/confirm.html", person=person, token=token, onward=local_path(next))


@router.post("/confirm/{token}", allow=anyone)
def confirm(request: Request, db: DatabaseDep, token: str, form: Posted[Onward] = posted(Onward)) -> Response:
    try:
        with db.write() as session:
            commands.confirm(session, token)
    except Refused as refused:
        return _dead_link(request, refused.refusal)
    return see(_to_sign_in("confirmed", form.value.next if form.value else ""))


# --- Sign-in and out


@router.get("/sign-in", allow=anyone)
def sign_in_page(
    request: Request, db: DatabaseDep, config: SettingsDep, actor: ActorDep, next: str = "", done: str = ""
) -> Response:
    if signed_in(actor) and not config.demonstration:
        return see(local_path(next))
    return _sign_in_page(request, db, config, blank(next=local_path(next)), done=DONE.get(done, ""))


@router.post("/sign-in", allow=anyone)
def sign_in(
    request: Request,
    db: DatabaseDep,
    config: SettingsDep,
    visitor: VisitorDep,
    form: Posted[SignIn] = posted(SignIn),
) -> Response:
    if form.value is None:
        return _sign_in_page(request, db, config, form, status=422)
    given = form.value
    try:
        found = _proven(db, visitor, given.email, given.password)
        if found is None:
            answer_evenly(form.arrived)
            return _sign_in_page(request, db, config, form.but(email=rules.WRONG.words), status=422)
        with db.write() as session:
            _leave(session, request, config)
            token = commands.sign_in(
                session, found, email=given.email, host=visitor.host, device=visitor.device, life=_life(config)
            )
    except Refused as refused:
        return _sign_in_page(request, db, config, form, status=409, refusal=refused.refusal)
    return _signed_in(config, token, local_path(given.next))


@router.post("/sign-out", allow=anyone)
def sign_out(request: Request, db: DatabaseDep, config: SettingsDep) -> Response:
    with db.write() as session:
        _leave(session, request, config)
    answer = see(_to_sign_in("signed-out"))
    drop_token(answer, config)
    return answer


@router.post("/demonstration/step-in", allow=anyone)
def step_in(
    request: Request,
    db: DatabaseDep,
    config: SettingsDep,
    visitor: VisitorDep,
    form: Posted[StepIn] = posted(StepIn),
) -> Response:
    if not config.demonstration or form.value is None:
        raise NotFound
    with db.write() as session:
        _leave(session, request, config)
        token = commands.step_in(session, form.value.person_id, device=visitor.device, life=_life(config))
    return _signed_in(config, token, "/")


# --- Forgotten passwords


@router.get("/forgotten-password", allow=anyone)
def forgotten_password(request: Request) -> Response:
    return page(request, "accounts/forgotten-password.html", form=blank(), refusal=None)


@router.post("/forgotten-password", allow=anyone)
def request_reset(
    request: Request, db: DatabaseDep, visitor: VisitorDep, form: Posted[Address] = posted(Address)
) -> Response:
    if form.value is None:
        return page(request, "accounts/forgotten-password.html", status=422, form=form, refusal=None)
    try:
        with db.write() as session:
            commands.count_try(session, Attempt.RESET, email=form.value.email, host=visitor.host)
    except Refused as refused:
        return page(request, "accounts/forgotten-password.html", status=409, form=form, refusal=refused.refusal)
    with db.write() as session:
        commands.request_reset(session, form.value.email)
    answer_evenly(form.arrived)
    return see("/sent/reset")


@router.get("/reset-password/{token}", allow=anyone)
def new_password(request: Request, db: DatabaseDep, token: str) -> Response:
    try:
        with db.read() as session:
            person = queries.linked(session, LinkKind.RESET, token)
    except Refused as refused:
        return _dead_link(request, refused.refusal)
    return page(request, "accounts/reset-password.html", form=blank(), token=token, email=person.email)


@router.post("/reset-password/{token}", allow=anyone)
def reset_password(
    request: Request, db: DatabaseDep, token: str, form: Posted[NewPassword] = posted(NewPassword)
) -> Response:
    try:
        with db.read() as session:
            person = queries.linked(session, LinkKind.RESET, token)
        form = _with_a_strong_password(form, person.email)
        if form.value is None or form.errors:
            return page(request, "accounts/reset-password.html", status=422, form=form, token=token, email=person.email)
        password = hashed(form.value.password)
        with db.write() as session:
            commands.reset_password(session, token, password=password)
    except Refused as refused:
        return _dead_link(request, refused.refusal)
    return see(_to_sign_in("reset"))


# --- One's own account


@router.get("/account", allow=signed_in)
def account(request: Request, db: DatabaseDep, config: SettingsDep, actor: ActorDep, done: str = "") -> Response:
    return _account_page(request, db, config, actor, blank(), done=DONE.get(done, ""))


@router.post("/account/password", allow=signed_in)
def change_password(
    request: Request,
    db: DatabaseDep,
    config: SettingsDep,
    actor: ActorDep,
    visitor: VisitorDep,
    form: Posted[PasswordChange] = posted(PasswordChange),
) -> Response:
    form = _with_a_strong_password(form, actor.email)
    if form.value is None or form.errors:
        return _account_page(request, db, config, actor, form, status=422)
    try:
        found = _proven(db, visitor, actor.email, form.value.current)
        if found is None:
            wrong = form.but(current="This is not your password as it is now")
            return _account_page(request, db, config, actor, wrong, status=422)
        password = hashed(form.value.password)
        with db.write() as session:
            keep = read_token(request, config) or ""
            commands.change_password(session, actor, found, password=password, keep=keep, host=visitor.host)
    except Refused as refused:
        return _account_page(request, db, config, actor, form, status=409, refusal=refused.refusal)
    return see("/account?done=password")


@router.post("/account/sessions/{session_id}/end", allow=signed_in)
def end_session(db: DatabaseDep, actor: ActorDep, session_id: UUID) -> Response:
    with db.write() as session:
        commands.end_session(session, actor, session_id)
    return see("/account?done=ended")


@router.post("/account/sessions/end-others", allow=signed_in)
def end_other_sessions(request: Request, db: DatabaseDep, config: SettingsDep, actor: ActorDep) -> Response:
    with db.write() as session:
        commands.end_other_sessions(session, actor, keep=read_token(request, config) or "")
    return see("/account?done=others")


# --- What the doors share


def _proven(db: Database, visitor: Visitor, email: str, password: str) -> queries.Credentials | None:
    """The credentials when the password is right; counted first, checked outside any lock, as slow for nobody's account."""
    with db.write() as session:
        commands.count_try(session, Attempt.SIGN_IN, email=email, host=visitor.host)
    with db.read() as session:
        found = queries.credentials(session, email)
    return found if matches(found.password_hash, password) else None


def _with_a_strong_password(form: Posted[Any], email: str) -> Posted[Any]:
    if form.value is None:
        return form
    refusal = rules.why_not_password(form.value.password, email=email)
    return form.but(password=refusal.words) if refusal else form


def _leave(session: Session, request: Request, config: Settings) -> None:
    """End the session this browser holds: signing in, stepping in and signing out all leave it behind."""
    if token := read_token(request, config):
        commands.sign_out(session, token)


def _signed_in(config: Settings, token: str, onward: str) -> Response:
    answer = see(onward)
    give_token(answer, config, token)
    return answer


def _life(config: Settings) -> timedelta:
    return timedelta(hours=config.session_hours)


def _to_sign_in(done: str, onward: str = "/") -> str:
    onward = local_path(onward)
    return f"/sign-in?done={done}" + (f"&next={quote(onward)}" if onward != "/" else "")


def _mail_folder(config: Settings) -> str:
    """Where a copy that sends no mail leaves its messages; empty in production."""
    return config.mail_url.removeprefix("folder:") if config.mail_url.startswith("folder:") else ""


def _sign_in_page(
    request: Request,
    db: Database,
    config: Settings,
    form: Posted[Any],
    *,
    status: int = 200,
    refusal: Refusal | None = None,
    done: str = "",
) -> Response:
    personas: dict[str, list[queries.Persona]] = {}
    if config.demonstration:
        with db.read() as session:
            personas = queries.personas(session)
    return page(
        request, "accounts/sign-in.html", status=status, form=form, refusal=refusal, done=done, personas=personas
    )


def _account_page(
    request: Request,
    db: Database,
    config: Settings,
    actor: Actor,
    form: Posted[Any],
    *,
    status: int = 200,
    refusal: Refusal | None = None,
    done: str = "",
) -> Response:
    with db.read() as session:
        sessions = queries.live_sessions(session, actor.known, read_token(request, config) or "")
    return page(
        request, "accounts/account.html", status=status, form=form, refusal=refusal, done=done, sessions=sessions
    )


def _dead_link(request: Request, refusal: Refusal) -> Response:
    return page(request, "accounts/dead-link.html", status=404, refusal=refusal)
