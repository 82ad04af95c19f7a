"""A beat that has stood still for longer than its lock is valid."""

import os

from celery import Celery
from celery.beat import Service
from celery.signals import beat_init
from redbeat import RedBeatScheduler
from redbeat.schedulers import get_redis

app = Celery("shop", broker="memory://")
app.conf.redbeat_redis_url = os.environ["REDIS_URL"]
app.conf.redbeat_key_prefix = "shop:lock-lost:"

beat = Service(app, scheduler_cls=RedBeatScheduler)
beat_init.send(sender=beat)  # it takes the lock
redis = get_redis(app)
redis.delete(beat.scheduler.lock_key)  # as Redis does when the time is over
try:
    beat.scheduler.tick()
finally:
    redis.delete(*redis.keys("shop:lock-lost:*"))
