"""Sending tasks when a session commits, from code that does not commit itself."""

import logging

from celery import Signature
from sqlalchemy import event
from sqlalchemy.orm import Session, SessionTransaction

from shop.database import new_session

logger = logging.getLogger(__name__)

# Tasks wait at their transaction or savepoint; what is committed waits at None.
Waiting = dict[SessionTransaction | None, list[Signature]]


def waiting_in(session: Session) -> Waiting:
    """Return the tasks that wait in a session."""
    return session.info.setdefault("send_after_commit", {})


def send_after_commit(session: Session, signature: Signature) -> str:
    """Send a task when the session commits, and return the task's id at once.

    A rollback drops the task, and so does a rollback to a savepoint that is older than
    this call.
    """
    transaction = session.get_nested_transaction() or session.get_transaction()
    signature = signature.clone()
    task_id = signature.freeze().id
    waiting = waiting_in(session).setdefault(transaction or session.begin(), [])
    waiting.append(signature)
    return task_id


@event.listens_for(new_session, "after_commit")
def hand_over(session: Session) -> None:
    """Hand the tasks of a transaction, or of a savepoint, to the one around it."""
    transaction = session.get_nested_transaction() or session.get_transaction()
    waiting = waiting_in(session)
    waiting.setdefault(transaction.parent, []).extend(waiting.pop(transaction, []))


@event.listens_for(new_session, "after_transaction_end")
def send(session: Session, transaction: SessionTransaction) -> None:
    """Drop what was not committed; after the outermost transaction, send what was."""
    waiting = waiting_in(session)
    waiting.pop(transaction, None)
    for signature in waiting.pop(None, []):
        try:
            signature.apply_async()
        except Exception:
            # The rows are saved: an error out of commit() would say that they are not.
            logger.exception("%s is not sent", signature)
