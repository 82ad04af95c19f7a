"""The mails, as a mail server sees them."""

import time
from email import message_from_bytes, policy
from email.message import EmailMessage
from smtplib import SMTP, SMTPRecipientsRefused, SMTPSenderRefused, SMTPServerDisconnected
from ssl import CERT_REQUIRED
from unittest.mock import MagicMock, patch
from uuid import uuid4

import pytest
from fastapi import status
from fastapi.testclient import TestClient
from pydantic import SecretStr
from shop import mail, tasks
from shop.config import Settings
from shop.create_tables import create_tables
from shop.database import Base, Campaign, Customer, Mail, new_session
from shop.tasks import send_campaign, send_chunk
from sink import Sink
from sqlalchemy import select
from sqlalchemy.exc import IntegrityError

from conftest import RATE_LIMIT

NEWS = {"subject": "News", "text": "Cake is back."}


def add(*rows: Base) -> None:
    """Save rows."""
    with new_session.begin() as session:
        session.add_all(rows)


def add_customers(*names: str) -> None:
    """Save customers."""
    add(*(Customer(email=f"{name}@example.com", token=f"token-{name}") for name in names))


def add_mails(*names: str) -> list[int]:
    """Save customers and a campaign for them that nobody has begun; return the ids of the mails."""
    add_customers(*names)
    with new_session.begin() as session:
        campaign = Campaign(id=str(uuid4()), **NEWS)
        mails = [
            Mail(campaign=campaign, customer=customer)
            for customer in session.scalars(select(Customer).order_by(Customer.id))
        ]
        session.add_all(mails)
        session.flush()
        return [mail.id for mail in mails]


def states() -> dict[str, str]:
    """Return the state of each mail by the name of the customer."""
    query = select(Customer.email, Mail.state).join(Mail.customer).order_by(Mail.id)
    with new_session() as session:
        return {
            email.removesuffix("@example.com"): state for email, state in session.execute(query)
        }


def wait_for(expected: dict[str, str]) -> None:
    """Wait until the mails are in these states."""
    for _ in range(500):
        if states() == expected:
            return
        time.sleep(0.01)
    pytest.fail(f"{states()}, not {expected}")


def wait_until_settled(client: TestClient, path: str) -> dict[str, int]:
    """Ask for the summary until no mail waits."""
    for _ in range(500):
        mails = client.get(path).json()["mails"]
        if not {"waiting", "sending"} & mails.keys():
            return mails
        time.sleep(0.01)
    pytest.fail(f"still {mails}")


def test_a_campaign(client: TestClient, sink: type[Sink]) -> None:
    add_customers("ada", "gone", "grace")
    add(Customer(email="no@example.com", subscribed=False))
    answer = client.post("/campaigns", json=NEWS)
    assert answer.status_code == status.HTTP_202_ACCEPTED
    campaign_id = answer.json()["id"]
    path = answer.headers["Location"]
    assert path == f"/campaigns/{campaign_id}"
    mails = wait_until_settled(client, path)
    assert mails == {"refused": 1, "sent": 2}
    assert client.get(path).json() == {"id": campaign_id, "mails": mails}
    assert [name for name, _ in sink.received] == ["ada@example.com", "grace@example.com"]
    assert sink.connections == 1

    message = message_from_bytes(sink.received[0][1], policy=policy.default)
    assert message["Subject"] == "News"
    assert (message["From"], message["To"]) == ("shop@example.org", "ada@example.com")
    assert message["Message-ID"] == "<mail-1@example.org>"
    assert message["Date"].datetime
    assert message["List-Unsubscribe"] == "<https://shop.example.org/unsubscribe/token-ada>"
    assert message["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"
    assert message.get_content() == "Cake is back.\r\n"


def test_an_unknown_campaign_is_404(client: TestClient) -> None:
    answer = client.get(f"/campaigns/{uuid4()}")
    assert answer.status_code == status.HTTP_404_NOT_FOUND
    assert answer.json() == {"detail": "no such campaign"}


@pytest.mark.parametrize("subject", ["", "News\nBcc: eve@example.com", "a\rb", "x" * 201])
def test_a_subject_is_one_line(client: TestClient, subject: str) -> None:
    answer = client.post("/campaigns", json={"subject": subject, "text": "x"})
    assert answer.status_code == status.HTTP_422_UNPROCESSABLE_CONTENT


def test_chunks(sink: type[Sink]) -> None:
    with patch("shop.create_tables.engine", new_session.kw["bind"]):
        create_tables()
    add_mails()
    with new_session() as session:
        campaign_id = session.scalars(select(Campaign.id)).one()
    with patch.object(send_chunk, "delay") as delay:
        assert send_campaign(campaign_id) == 2
    chunks = [call.args[0] for call in delay.call_args_list]
    assert chunks == [list(range(1, 101)), list(range(101, 121))]
    send_chunk(chunks[1])
    assert sink.connections == 1
    assert list(states().values()) == 100 * ["waiting"] + 18 * ["sent"] + 2 * ["refused"]
    with patch.object(send_chunk, "delay") as delay:
        assert send_campaign(campaign_id) == 1


def test_a_campaign_for_one() -> None:
    (mail_id,) = add_mails("ada")
    with new_session() as session:
        campaign_id = session.scalars(select(Campaign.id)).one()
    with patch.object(send_chunk, "delay") as delay:
        assert send_campaign(campaign_id) == 1
    delay.assert_called_once_with([mail_id])


def test_twice_is_once(sink: type[Sink]) -> None:
    ids = add_mails("ada", "grace")
    send_chunk(ids)
    send_chunk(ids)
    assert len(sink.received) == 2


def test_one_mail_of_a_campaign_for_each_customer() -> None:
    add_mails("ada")
    with new_session() as session:
        campaign_id = session.scalars(select(Campaign.id)).one()
    with pytest.raises(IntegrityError):
        add(Mail(campaign_id=campaign_id, customer_id=1))


@pytest.mark.usefixtures("worker")
def test_later_is_later(sink: type[Sink]) -> None:
    ids = add_mails("later", "ada", "gone")
    send_chunk.delay(ids)
    wait_for({"later": "sent", "ada": "sent", "gone": "refused"})
    assert [name for name, _ in sink.received] == ["ada@example.com", "later@example.com"]
    assert sink.connections == 2


def test_what_waits_is_an_error(sink: type[Sink]) -> None:
    ids = add_mails("later", "ada")
    with pytest.raises(tasks.LaterError, match=r"^1 mails wait$"):
        send_chunk(ids)
    assert states() == {"later": "waiting", "ada": "sent"}


@pytest.mark.usefixtures("worker")
def test_a_server_that_hangs_up(sink: type[Sink]) -> None:
    ids = add_mails("ada", "closing", "grace")
    send_chunk.delay(ids)
    wait_for({"ada": "sent", "closing": "sent", "grace": "sent"})
    names = [name.partition("@")[0] for name, _ in sink.received]
    assert names == ["ada", "closing", "grace"]
    assert sink.connections == 2


def test_the_mail_after_421(sink: type[Sink]) -> None:
    with mail.connect() as server:
        with pytest.raises(SMTPRecipientsRefused):
            server.sendmail("shop@example.org", ["closing@example.com"], "Subject: News")
        assert server.sock is None
        with pytest.raises(SMTPServerDisconnected, match=r"^please run connect\(\) first$"):
            server.sendmail("shop@example.org", ["ada@example.com"], "Subject: News")


@pytest.mark.usefixtures("worker")
def test_a_mail_in_doubt_is_not_sent_again(sink: type[Sink]) -> None:
    ids = add_mails("lost", "ada")
    send_chunk.delay(ids)
    wait_for({"lost": "sending", "ada": "sent"})
    send_chunk(ids)
    assert len(sink.received) == 2


def test_a_customer_changes_her_mind(client: TestClient, sink: type[Sink]) -> None:
    ids = add_mails("ada", "grace")
    answer = client.post("/unsubscribe/token-ada", data={"List-Unsubscribe": "One-Click"})
    assert answer.status_code == status.HTTP_204_NO_CONTENT
    send_chunk(ids)
    assert states() == {"ada": "unsubscribed", "grace": "sent"}
    assert client.get("/unsubscribe/token-grace").status_code == 405


@pytest.mark.parametrize("text", ["", "nobody", "@a", "a@", "a@[", "a@b c", "a\nb@c", "a@b, c@d"])
def test_an_address_that_is_none(text: str) -> None:
    with pytest.raises(ValueError, match=r"."):
        mail.address(text)


@pytest.mark.parametrize("address", ["a@", "a@example.com, b@example.com"])
def test_an_address_that_is_none_stops_nobody(sink: type[Sink], address: str) -> None:
    add(Customer(email=address))
    ids = add_mails("ada")
    send_chunk(ids)
    assert list(states().values()) == ["refused", "sent"]
    assert [name for name, _ in sink.received] == ["ada@example.com"]


def test_an_address_that_the_server_does_not_take(sink: type[Sink]) -> None:
    add(Customer(email="ada@ex\u00e4mple.com"))
    send_chunk(add_mails("ada"))
    assert list(states().values()) == ["refused", "sent"]
    assert [name for name, _ in sink.received] == ["ada@example.com"]


def answering(**attributes: object) -> SMTP:
    """Return a connection on which sending ends in an error."""
    return MagicMock(send_message=MagicMock(**attributes))


@pytest.mark.parametrize(("code", "state"), [(499, "waiting"), (500, "refused")])
def test_a_mail_that_is_refused_as_a_whole(code: int, state: str) -> None:
    error = mail.SMTPDataError(code, b"no")
    assert mail.deliver(answering(side_effect=error), EmailMessage()) == state


def test_the_sender_is_not_the_recipients_fault() -> None:
    (mail_id,) = add_mails("ada")
    error = SMTPSenderRefused(550, b"no", "shop@example.org")
    with pytest.raises(SMTPSenderRefused):
        mail.send(answering(side_effect=error), mail_id)
    assert states() == {"ada": "waiting"}


def test_a_connection_that_breaks_leaves_a_doubt() -> None:
    (mail_id,) = add_mails("ada")
    with pytest.raises(SMTPServerDisconnected):
        mail.send(answering(side_effect=SMTPServerDisconnected), mail_id)
    assert states() == {"ada": "sending"}


def test_a_long_address_stays_readable() -> None:
    (mail_id,) = add_mails(900 * "x")
    with new_session() as session:
        lines = mail.build(session.get_one(Mail, mail_id)).as_bytes().splitlines()
    address = f"https://shop.example.org/unsubscribe/token-{900 * 'x'}"
    assert f"List-Unsubscribe: <{address}>".encode() in lines


def test_the_connection_is_safe(settings: Settings) -> None:
    settings.mail_host, settings.mail_port = "mail.example.org", 587
    settings.mail_starttls = True
    settings.mail_user, settings.mail_password = "shop", SecretStr("secret")
    with patch("shop.mail.SMTP") as smtp, mail.connect() as server:
        smtp.assert_called_once_with("mail.example.org", 587, timeout=10)
    assert [call[0] for call in server.method_calls] == ["starttls", "login"]
    context = server.starttls.call_args.kwargs["context"]
    assert (context.verify_mode, context.check_hostname) == (CERT_REQUIRED, True)
    server.login.assert_called_once_with("shop", "secret")


def test_no_login_without_a_name(sink: type[Sink]) -> None:
    with mail.connect() as server:
        assert server.noop()[0] == 250
    assert sink.connections == 1


def test_the_options_of_the_task() -> None:
    assert send_chunk.autoretry_for == (OSError, tasks.LaterError)
    assert (send_chunk.retry_backoff, send_chunk.max_retries) == (60, 8)
    assert send_chunk.acks_late
    assert RATE_LIMIT == "60/m"
    assert send_chunk.app.conf.task_routes == {send_chunk.name: {"queue": "mail"}}
