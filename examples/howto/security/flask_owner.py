"""A Flask app that shows a task to its owner only."""

from uuid import UUID

from flask import Blueprint, Flask, abort, g, session
from flask_sqlalchemy import SQLAlchemy
from shop.celery_app import celery_app
from sqlalchemy import select
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column


class Base(DeclarativeBase):
    """The base of the models."""


db = SQLAlchemy(model_class=Base)


class Job(db.Model):
    """A task, and whose it is."""

    id: Mapped[str] = mapped_column(primary_key=True)
    owner: Mapped[str] = mapped_column(index=True)


bp = Blueprint("tasks", __name__)


@bp.before_request
def ask_who_it_is() -> None:
    """Answer 401 to a client that has not logged in."""
    g.user = session.get("user") or abort(401)


def find_job(task_id: UUID) -> Job:
    """Return a job of the user. An unknown id, and somebody else's, answer 404."""
    mine = select(Job).where(Job.id == str(task_id), Job.owner == g.user)
    return db.one_or_404(mine, description="no such task")


@bp.get("/tasks/<uuid:task_id>")
def show(task_id: UUID) -> dict[str, str]:
    """Say how a task of the user is."""
    return {"state": celery_app.AsyncResult(find_job(task_id).id).state}


def create_app() -> Flask:
    """Create the app; its settings come from the environment."""
    app = Flask(__name__)
    app.config.from_prefixed_env()
    db.init_app(app)
    app.register_blueprint(bp)
    return app
