"""The mistake: a generator that all processes get a copy of."""

import random
from uuid import UUID

from shop.celery_app import celery_app

generator = random.Random()  # noqa: S311


@celery_app.task
def coupon() -> str:
    """Return the code of a new coupon, or of one that there is already."""
    return str(UUID(int=generator.getrandbits(128), version=4))
