"""`python -m measure.bench`: how fast Celery publishes, works and answers, as numbers and as ratios."""
