"""The bell: whoever wrote something rings, and those who wait for it look at once."""

import asyncio
import logging
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager, suppress
from functools import cache

import redis
import redis.asyncio
from anyio import move_on_after
from redis.exceptions import RedisError

from shop.config import get_settings

logger = logging.getLogger(__name__)
CHANNEL = "shop:bell"
# In seconds. Without a bell they look often; with one, only in case that a ring was lost.
WITHOUT_BELL = 1.0
WITH_BELL = 30.0
AGAIN = 1.0

# The events of those who wait in this web process, by what they wait for.
waiting: dict[str, set[asyncio.Event]] = {}


@cache
def client(url: str) -> redis.Redis:
    """Return the client of this process; its connections are made after the fork."""
    return redis.Redis.from_url(url, socket_connect_timeout=1, socket_timeout=1)


def ring(topic: str) -> None:
    """Wake those who wait for a topic, in every process. Call it after the commit."""
    url = get_settings().bell_url
    if not url:
        return
    try:
        client(url).publish(CHANNEL, topic)
    except RedisError:
        # Nothing is lost: it is in the table, and found at the next look.
        logger.warning("nobody hears of %s", topic, exc_info=True)


def heard(topic: str) -> None:
    """Wake those who wait for a topic in this process."""
    for event in waiting.get(topic, ()):
        event.set()


@contextmanager
def wait_for(topic: str) -> Iterator[asyncio.Event]:
    """Give an event that is set whenever the bell rings for a topic."""
    event = asyncio.Event()
    waiting.setdefault(topic, set()).add(event)
    try:
        yield event
    finally:
        waiting[topic].discard(event)
        if not waiting[topic]:
            del waiting[topic]


async def pause(event: asyncio.Event) -> None:
    """Wait until the bell rings, or until it is time to look without it."""
    seconds = WITH_BELL if get_settings().bell_url else WITHOUT_BELL
    with move_on_after(seconds):
        await event.wait()


async def listen(url: str) -> None:
    """Pass on what rings, for ever, over one connection for each web process."""
    while True:
        try:
            connection = redis.asyncio.Redis.from_url(url)
            async with connection, connection.pubsub() as bell:
                await bell.subscribe(CHANNEL)
                async for message in bell.listen():
                    if message["type"] == "message":
                        heard(message["data"].decode())
                    else:
                        # Whatever rang before this moment was not heard.
                        for topic in list(waiting):
                            heard(topic)
        except RedisError:
            logger.warning("the bell is silent", exc_info=True)
            await asyncio.sleep(AGAIN)


@asynccontextmanager
async def listening() -> AsyncIterator[None]:
    """Listen while the web process runs, if there is a bell."""
    url = get_settings().bell_url
    task = asyncio.create_task(listen(url)) if url else None
    try:
        yield
    finally:
        if task:
            task.cancel()
            with suppress(asyncio.CancelledError):
                await task
