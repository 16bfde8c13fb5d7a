"""What people do with their accounts. Passwords arrive hashed or already checked: no command spends 40 ms under a lock."""

import secrets
from collections.abc import Collection
from datetime import datetime, timedelta
from uuid import UUID

from sqlalchemy import case, update
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.exc import IntegrityError
from sqlmodel import Session, col, delete, func, select

from app.accounts import events, rules
from app.accounts.models import AttemptCount, OneTimeLink, Person, SignInSession
from app.accounts.passwords import Hashed, hashed
from app.accounts.queries import Credentials
from app.accounts.rules import Attempt, Limit, LinkKind
from app.core import audit, clock, mail
from app.core.actor import NOBODY, Actor
from app.core.crypto import digest
from app.core.database import violates
from app.core.refusals import NotFound, Refused
from app.core.rows import mark

# --- Forgetting


def forget_people(session: Session, person_ids: Collection[UUID]) -> None:
    """Take name, address and password from these accounts, for good; what refers to them still does. They cannot sign in."""
    at = clock.now(session)
    people = session.exec(select(Person).where(col(Person.id).in_(person_ids)).with_for_update()).all()
    mail.forget(session, [person.email for person in people])
    for person in people:
        person.name, person.email = f"Former user {mark(person.id)}", f"{person.id.hex}@forgotten.invalid"
        person.password_hash, person.disabled_at = "", person.disabled_at or at
    session.exec(delete(OneTimeLink).where(col(OneTimeLink.person_id).in_(person_ids)))
    sessions = update(SignInSession).where(col(SignInSession.person_id).in_(person_ids))
    session.exec(sessions.values(device="", ended_at=func.coalesce(SignInSession.ended_at, at)))
    audit.forget(session, person_ids)


# --- Tries


def count_try(session: Session, attempt: Attempt, *, email: str, host: str) -> None:
    """Count one try for this address from this host, one for the address, one for the host. Raises `Refused` past a limit.

    Counted before anything is checked, so that many guesses at once cannot slip past.
    """
    now = clock.now(session)
    for limit, bucket in (
        (rules.PER_ADDRESS[attempt], _bucket(attempt, email, host)),
        (rules.PER_ACCOUNT[attempt], _bucket(attempt, "any host", email)),
        (rules.PER_HOST[attempt], _bucket(attempt, host)),
    ):
        tries, began_at = _count(session, bucket, limit, now)
        if refusal := rules.why_not_try(limit, tries=tries, began_at=began_at):
            raise Refused(refusal)


def _forgive(session: Session, *, email: str, host: str) -> None:
    """A right password is no guess: it clears this person's tries from here, and comes off those shared with others.

    In the order in which tries are counted, so that the two never wait for each other in a circle.
    """
    session.exec(delete(AttemptCount).where(col(AttemptCount.bucket) == _bucket(Attempt.SIGN_IN, email, host)))
    for shared in (_bucket(Attempt.SIGN_IN, "any host", email), _bucket(Attempt.SIGN_IN, host)):
        one_less = update(AttemptCount).where(col(AttemptCount.bucket) == shared, col(AttemptCount.count) > 0)
        session.exec(one_less.values(count=AttemptCount.count - 1))


def _bucket(*parts: str) -> str:
    return digest("\n".join(parts).encode())


def _count(session: Session, bucket: str, limit: Limit, now: datetime) -> tuple[int, datetime]:
    """One statement, so that two processes never lose a try between them."""
    insert = sqlite.insert if session.get_bind().dialect.name == "sqlite" else postgresql.insert
    over = col(AttemptCount.began_at) <= now - limit.per
    counted = (
        insert(AttemptCount)
        .values(bucket=bucket, began_at=now, count=1)
        .on_conflict_do_update(
            index_elements=["bucket"],
            set_={
                "count": case((over, 1), else_=AttemptCount.count + 1),
                "began_at": case((over, now), else_=AttemptCount.began_at),
            },
        )
        .returning(col(AttemptCount.count), col(AttemptCount.began_at))
    )
    tries, began_at = session.execute(counted).one()
    return tries, began_at


# --- Registration


def register_person(session: Session, *, name: str, email: str, password: Hashed, onward: str = "/") -> None:
    """A new account, and the link that confirms its address. Where the address is taken, its owner is told instead.

    Returns nothing either way, so that the answer cannot tell which it was. `onward` is the path to go to once signed in.
    """
    now = clock.now(session)
    person = Person(name=name, email=email, password_hash=password, created_at=now)
    try:
        with session.begin_nested():
            session.add(person)
    except IntegrityError as error:
        if not violates(error, "uq_person_email"):
            raise
        _tell_owner(session, email, now)
        return
    audit.record(session, events.REGISTERED, actor=_as(person), subject=person.id)
    _send_link(session, person, LinkKind.CONFIRM, onward=onward)


def add_person(
    session: Session, *, name: str, email: str, password: str, note: str = "", confirmed: bool = True
) -> UUID:
    """An account made by the service itself, as the demonstration does. `note`: 'Group: who this persona is'.

    Hashes the password inside: for set-up, not for a page. Raises `IntegrityError` when the address is taken.
    """
    now = clock.now(session)
    person = Person(
        name=name,
        email=email.lower(),
        password_hash=hashed(password),
        created_at=now,
        confirmed_at=now if confirmed else None,
        demonstration_note=note,
    )
    session.add(person)
    session.flush()
    audit.record(session, events.ADDED, actor=NOBODY, subject=person.id, name=audit.Personal(name, person.id))
    return person.id


def send_confirmation(session: Session, email: str, *, onward: str = "/") -> None:
    """Another confirming link, where there is an account that still needs one; quiet otherwise."""
    person = session.exec(select(Person).where(Person.email == email, col(Person.confirmed_at).is_(None))).first()
    if person:
        _send_link(session, person, LinkKind.CONFIRM, onward=onward)


def confirm(session: Session, token: str) -> None:
    """The address is the person's own. A second click is quiet; raises `Refused` for a dead link."""
    link, person = _follow(session, LinkKind.CONFIRM, token)
    if link.used_at and person.confirmed_at:
        return
    now = _use(session, link)
    person.confirmed_at = person.confirmed_at or now
    audit.record(session, events.CONFIRMED, actor=_as(person), subject=person.id)


# --- Sessions


def sign_in(session: Session, proven: Credentials, *, email: str, host: str, device: str, life: timedelta) -> str:
    """The token of a new session for credentials that were checked outside any lock.

    Raises `Refused` when the address is not confirmed, or the password was changed since it was checked.
    """
    person = session.exec(select(Person).where(Person.id == proven.person_id).with_for_update()).first()
    if person is None or person.password_hash != proven.password_hash:
        raise Refused(rules.WRONG)
    if refusal := rules.why_not_sign_in(confirmed_at=person.confirmed_at):
        raise Refused(refusal)
    _forgive(session, email=email, host=host)
    audit.record(session, events.SIGNED_IN, actor=_as(person), subject=person.id, device=device)
    return start_session(session, person.id, device=device, life=life)


def step_in(session: Session, person_id: UUID, *, device: str, life: timedelta) -> str:
    """Be a persona of the demonstration. Raises `NotFound` for anybody else; only a demonstration's page may ask."""
    person = session.get(Person, person_id)
    if person is None or not person.demonstration_note or person.disabled_at:
        raise NotFound
    audit.record(session, events.STEPPED_INTO, actor=_as(person), subject=person.id)
    return start_session(session, person_id, device=device, life=life)


def start_session(session: Session, person_id: UUID, *, device: str, life: timedelta) -> str:
    """A new session's token: shown to the browser once, kept as a digest."""
    token, now = secrets.token_urlsafe(32), clock.now(session)
    session.add(
        SignInSession(
            token_digest=digest(token.encode()), person_id=person_id, began_at=now, ends_at=now + life, device=device
        )
    )
    return token


def sign_out(session: Session, token: str) -> None:
    """End the session of this token; quiet when it has ended already."""
    found = session.exec(
        select(SignInSession, Person)
        .join(Person, col(Person.id) == SignInSession.person_id)
        .where(SignInSession.token_digest == digest(token.encode()), col(SignInSession.ended_at).is_(None))
        .with_for_update(of=SignInSession)
    ).first()
    if found:
        row, person = found
        row.ended_at = clock.now(session)
        audit.record(session, events.SIGNED_OUT, actor=_as(person), subject=person.id)


def end_session(session: Session, actor: Actor, session_id: UUID) -> None:
    """End one of one's own sessions. Raises `NotFound` for another's; quiet when it has ended already."""
    row = session.exec(
        select(SignInSession)
        .where(SignInSession.id == session_id, SignInSession.person_id == actor.known)
        .with_for_update()
    ).first()
    if row is None:
        raise NotFound
    if row.ended_at is None:
        row.ended_at = clock.now(session)
        audit.record(session, events.SESSION_ENDED, actor=actor, subject=actor.known, device=row.device)


def end_other_sessions(session: Session, actor: Actor, *, keep: str) -> None:
    """End every session of one's own but that of the token `keep`."""
    if count := _end_all(session, actor.known, keep=keep):
        audit.record(session, events.OTHERS_ENDED, actor=actor, subject=actor.known, count=count)


# --- Passwords


def request_reset(session: Session, email: str) -> None:
    """Send a link for choosing a new password, where there is such an account; quiet otherwise."""
    person = session.exec(select(Person).where(Person.email == email, col(Person.disabled_at).is_(None))).first()
    if person:
        _send_link(session, person, LinkKind.RESET)


def reset_password(session: Session, token: str, *, password: Hashed) -> None:
    """Set the password by a link, which also proves the address, and end every session. Raises `Refused` for a dead link."""
    link, person = _follow(session, LinkKind.RESET, token)
    now = _use(session, link)
    person.confirmed_at = person.confirmed_at or now
    _set_password(session, person, password)
    audit.record(session, events.PASSWORD_RESET, actor=_as(person), subject=person.id)


def change_password(
    session: Session, actor: Actor, proven: Credentials, *, password: Hashed, keep: str, host: str
) -> None:
    """Set a new password, knowing the old one, and end every session but this one's.

    Raises `Refused` when the password was changed since `proven` was checked.
    """
    person = session.exec(select(Person).where(Person.id == actor.known).with_for_update()).one()
    if proven.person_id != person.id or person.password_hash != proven.password_hash:
        raise Refused(rules.WRONG)
    _forgive(session, email=person.email, host=host)
    _set_password(session, person, password, keep=keep)
    audit.record(session, events.PASSWORD_CHANGED, actor=actor, subject=person.id)


def _set_password(session: Session, person: Person, password: Hashed, *, keep: str = "") -> None:
    """A new password ends the sessions and the links that the old one, or who knew it, may have left behind."""
    now = clock.now(session)
    person.password_hash = password
    _end_all(session, person.id, keep=keep)
    session.exec(
        update(OneTimeLink)
        .where(col(OneTimeLink.person_id) == person.id, col(OneTimeLink.used_at).is_(None))
        .values(used_at=now)
    )
    mail.queue(
        session,
        "accounts/password-changed.txt",
        to=person.email,
        dedupe=f"password-changed:{person.id}:{now.isoformat()}",
        name=person.name,
    )


def _end_all(session: Session, person_id: UUID, *, keep: str) -> int:
    ended = session.exec(
        update(SignInSession)
        .where(
            col(SignInSession.person_id) == person_id,
            col(SignInSession.ended_at).is_(None),
            col(SignInSession.token_digest) != digest(keep.encode()),
        )
        .values(ended_at=clock.now(session))
    )
    return ended.rowcount


# --- One-time links


def _send_link(session: Session, person: Person, kind: LinkKind, *, onward: str = "/") -> None:
    token, now = secrets.token_urlsafe(32), clock.now(session)
    link = OneTimeLink(
        token_digest=digest(token.encode()),
        person_id=person.id,
        kind=kind,
        made_at=now,
        ends_at=now + rules.LINK_LIFE[kind],
    )
    session.add(link)
    audit.record(session, events.LINK_SENT, actor=NOBODY, subject=person.id, kind=kind)
    mail.queue(
        session,
        f"accounts/{kind}.txt",
        to=person.email,
        dedupe=f"{kind}:{link.id}",
        name=person.name,
        token=token,
        onward=onward,
    )


def _tell_owner(session: Session, email: str, now: datetime) -> None:
    """At most one message a day: registering again and again must not fill a mailbox."""
    mail.queue(
        session,
        "accounts/already-registered.txt",
        to=email,
        dedupe=f"already-registered:{digest(email.encode())}:{now:%Y-%m-%d}",
    )


def _follow(session: Session, kind: LinkKind, token: str) -> tuple[OneTimeLink, Person]:
    found = session.exec(
        select(OneTimeLink, Person)
        .join(Person, col(Person.id) == OneTimeLink.person_id)
        .where(OneTimeLink.token_digest == digest(token.encode()), OneTimeLink.kind == kind)
        .with_for_update()
    ).first()
    if found is None:
        raise Refused(rules.DEAD_LINK[kind])
    return found


def _use(session: Session, link: OneTimeLink) -> datetime:
    now = clock.now(session)
    if refusal := rules.why_not_use_link(LinkKind(link.kind), used_at=link.used_at, ends_at=link.ends_at, now=now):
        raise Refused(refusal)
    link.used_at = now
    return now


def _as(person: Person) -> Actor:
    return Actor(person.id, person.name, person.email)
