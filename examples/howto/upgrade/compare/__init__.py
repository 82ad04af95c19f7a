"""Run one program under each version of Celery, and write down what differs: `python -m compare`."""
