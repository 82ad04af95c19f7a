"""The tests: ``python manage.py test`` and ``pytest``, each in two lanes."""
