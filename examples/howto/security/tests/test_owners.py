"""A task is shown to its owner only."""

from collections.abc import Iterator
from uuid import UUID, uuid4

import django_owner
import pytest
from django.contrib.auth.models import Group, Permission, User
from django.contrib.contenttypes.models import ContentType
from django.db import connection
from django.test import Client
from flask.testing import FlaskClient
from flask_owner import Job, create_app, db

MINE, HERS = uuid4(), uuid4()


@pytest.fixture
def flask_client(monkeypatch: pytest.MonkeyPatch) -> Iterator[FlaskClient]:
    """Make two jobs, and send requests."""
    monkeypatch.setenv("FLASK_SECRET_KEY", "a secret of the tests")
    monkeypatch.setenv("FLASK_SQLALCHEMY_DATABASE_URI", "sqlite://")
    app = create_app()
    with app.app_context():
        db.create_all()
        db.session.add_all([Job(id=str(MINE), owner="bob"), Job(id=str(HERS), owner="ada")])
        db.session.commit()
        with app.test_client() as client:
            yield client
        db.session.remove()
        db.engine.dispose()


@pytest.mark.parametrize(("task_id", "status"), [(MINE, 200), (HERS, 404), (uuid4(), 404)])
def test_flask(flask_client: FlaskClient, task_id: UUID, status: int) -> None:
    with flask_client.session_transaction() as session:
        session["user"] = "bob"
    answer = flask_client.get(f"/tasks/{task_id}")
    assert answer.status_code == status
    if status == 200:
        assert answer.json == {"state": "PENDING"}


def test_flask_without_a_log_in(flask_client: FlaskClient) -> None:
    assert flask_client.get(f"/tasks/{MINE}").status_code == 401


@pytest.fixture
def tables() -> Iterator[None]:
    """Make the tables in memory."""
    with connection.schema_editor() as editor:
        for model in (ContentType, Permission, Group, User, django_owner.Job):
            editor.create_model(model)
    yield
    connection.close()


def test_django(tables: None) -> None:
    ada, bob = (User.objects.create_user(name) for name in ("ada", "bob"))
    django_owner.Job.objects.create(pk=MINE, owner=bob)
    django_owner.Job.objects.create(pk=HERS, owner=ada)

    client = Client(headers={"host": "127.0.0.1"})
    assert client.get(f"/tasks/{MINE}").headers["Location"].startswith("/login")
    client.force_login(bob)
    assert str(django_owner.Job.objects.get(owner=bob)) == str(MINE)
    assert client.get(f"/tasks/{MINE}").json() == {"state": "PENDING"}
    assert client.get(f"/tasks/{HERS}").status_code == 404
    assert client.get(f"/tasks/{uuid4()}").status_code == 404
