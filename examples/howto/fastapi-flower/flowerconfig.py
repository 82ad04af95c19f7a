"""Flower's options: ``celery -A shop.celery_app flower --conf=flowerconfig.py``."""

from shop.config import FlowerSettings

who = FlowerSettings()
address = "127.0.0.1"
basic_auth = [f"{who.user}:{who.password.get_secret_value()}"]
max_tasks = 10_000
purge_offline_workers = 3600
read_only = True
