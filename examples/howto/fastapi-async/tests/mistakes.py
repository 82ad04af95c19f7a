"""Tasks that do not work."""

import asyncio

import celery
from shop import partners
from shop.celery_app import celery_app

client = partners.new_client()


@celery_app.task
async def tell_nobody(order_id: int) -> list[str]:
    """Do nothing: Celery calls the function, and does not await it."""
    return await partners.tell_all(order_id)


@celery_app.task(ignore_result=False)
async def tell_nobody_and_keep_it(order_id: int) -> list[str]:
    """Fail: the result is a coroutine."""
    return await partners.tell_all(order_id)


@celery_app.task(ignore_result=False)
def tell_with_one_client(partner: str, order_id: int) -> str:
    """Fail every second time: the client belongs to a loop that is closed."""
    return asyncio.run(partners.tell(client, partner, order_id))


calls: list[str] = []


async def call_a_service(caller: str) -> None:
    """Fail as the network does."""
    calls.append(caller)
    raise OSError


class AwaitingTask(celery.Task):
    """Await what the function returns, so that it can be ``async def``."""

    def __call__(self, *args: object, **kwargs: object) -> object:
        """Run the task."""
        result = self.run(*args, **kwargs)
        return asyncio.run(result) if asyncio.iscoroutine(result) else result


@celery_app.task(base=AwaitingTask, autoretry_for=(OSError,), max_retries=1, default_retry_delay=0)
async def tried_once() -> None:
    """Fail at once: what retries sees a coroutine, and not what happens in it."""
    await call_a_service("async def")


@celery_app.task(autoretry_for=(OSError,), max_retries=1, default_retry_delay=0)
def tried_twice() -> None:
    """Fail, and try again."""
    asyncio.run(call_a_service("def"))
