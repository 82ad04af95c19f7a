"""For manage.py: ``python manage.py test`` and ``python manage.py test --lane worker``."""

import logging
from argparse import ArgumentParser

from django.test.runner import DiscoverRunner

from tests.lanes import LANES, choose


class LaneRunner(DiscoverRunner):
    """Django's runner, with the lane."""

    def __init__(self, *, lane: str = "eager", **options: object) -> None:
        """Keep the lane."""
        super().__init__(**options)
        self.lane = lane

    @classmethod
    def add_arguments(cls, parser: ArgumentParser) -> None:
        """Add the option that chooses the lane."""
        super().add_arguments(parser)
        parser.add_argument("--lane", choices=list(LANES), default="eager", help="how tasks run")

    def setup_test_environment(self, **options: object) -> None:
        """Choose the lane, and keep what the shop logs out of the dots."""
        super().setup_test_environment(**options)
        choose(self.lane)
        logging.getLogger().handlers = [logging.NullHandler()]
