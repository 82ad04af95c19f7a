"""What the shop does outside of a request."""

from sqlalchemy import select

from shop import mail
from shop.celery_app import celery_app
from shop.database import Mail, new_session

CHUNK = 100


class LaterError(Exception):
    """The mail server asks for patience."""


@celery_app.task
def send_campaign(campaign_id: str) -> int:
    """Send the mails of a campaign that wait, and return the number of chunks."""
    waiting = Mail.campaign_id == campaign_id, Mail.state == "waiting"
    with new_session() as session:
        ids = session.scalars(select(Mail.id).where(*waiting).order_by(Mail.id)).all()
    chunks = [ids[start : start + CHUNK] for start in range(0, len(ids), CHUNK)]
    for chunk in chunks:
        send_chunk.delay(list(chunk))
    return len(chunks)


@celery_app.task(
    autoretry_for=(OSError, LaterError),
    retry_backoff=60,
    max_retries=8,
    acks_late=True,
    rate_limit="60/m",
)
def send_chunk(mail_ids: list[int]) -> None:
    """Send these mails over one connection, each of them once.

    Raises OSError if the mail server does not answer, LaterError if mails still wait.
    """
    with mail.connect() as server:
        for mail_id in mail_ids:
            if server.sock is None:  # it has said 421, and hung up
                break
            mail.send(server, mail_id)
    if left := mail.waiting(mail_ids):
        message = f"{left} mails wait"
        raise LaterError(message)
