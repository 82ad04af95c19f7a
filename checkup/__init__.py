"""A checker for your own project: ``python -m checkup flask|django|fastapi -A module:app [path]``.

It needs nothing but Python 3.9 and the Celery of the project. It reads and imports; it changes and sends nothing,
unless you ask with ``--run``.
"""
