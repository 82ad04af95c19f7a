"""A role that is no superuser opens connections until PostgreSQL has none left for it."""

import os

import psycopg

url = os.environ["DATABASE_TLS_URL"]
with psycopg.connect(url) as admin:
    admin.execute("CREATE ROLE shop LOGIN")

connections: list[psycopg.Connection] = []
try:
    while True:
        connections.append(psycopg.connect(url, user="shop"))
except psycopg.OperationalError as error:
    # What comes before is the server's address.
    raise SystemExit(str(error).rpartition("failed: ")[2]) from None
