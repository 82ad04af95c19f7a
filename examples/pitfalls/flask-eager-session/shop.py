"""An eager task removes the session that its caller still uses."""

from celery import Celery, Task
from flask import Flask
from sqlalchemy import create_engine
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column, scoped_session, sessionmaker


class Base(DeclarativeBase):
    """The base of every model."""


class User(Base):
    """A customer."""

    __tablename__ = "user"
    id: Mapped[int] = mapped_column(primary_key=True)
    greetings: Mapped[int] = mapped_column(default=0)


class FlaskTask(Task):
    """Run each task inside the application context."""

    def __call__(self, *args: object, **kwargs: object) -> object:
        """Run the task."""
        with app.app_context():
            return self.run(*args, **kwargs)


app = Flask(__name__)
engine = create_engine("sqlite://")
session = scoped_session(sessionmaker(engine))  # one session per thread
celery_app = Celery("shop", task_cls=FlaskTask)
celery_app.conf.task_always_eager = True


@app.teardown_appcontext
def remove_session(_: BaseException | None) -> None:
    """Close the session at the end of a request."""
    session.remove()


@celery_app.task
def greet(user_id: int) -> None:
    """Greet a customer."""
    session.get_one(User, user_id).greetings += 1
    session.commit()


Base.metadata.create_all(engine)
with app.app_context():
    user = User()
    session.add(user)
    session.commit()
    greet.delay(user.id)
    greet.delay(user.id)
