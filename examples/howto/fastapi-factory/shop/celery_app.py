"""The factory of Celery apps, and how to find a task in one of them."""

from celery import Celery, Task

from shop.config import Settings


def create_celery(settings: Settings) -> Celery:
    """Build the Celery app of one tenant."""
    celery_app = Celery("shop", include=["shop.tasks"], set_as_current=False)
    celery_app.config_from_object(
        {
            "broker_url": settings.broker_url,
            "broker_transport_options": settings.broker_transport_options,
            "result_backend": settings.result_backend,
            # On a shared broker, a worker must not take the other tenant's tasks.
            "task_default_queue": settings.tenant,
            # A setting of our own: a task reads self.app.conf.shop_sender.
            "shop_sender": f"{settings.tenant}@example.org",
        }
    )
    return celery_app


def own(celery_app: Celery, task: Task) -> Task:
    """Return the copy of a shared task that belongs to an app.

    Raises celery.exceptions.NotRegistered if the app has no such task.
    """
    return celery_app.tasks[task.name]
