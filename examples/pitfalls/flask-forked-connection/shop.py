"""Two processes ask over one inherited connection, and read each other's answers."""

import os
import socket

connection, database = socket.socketpair(type=socket.SOCK_DGRAM)

if os.fork() == 0:  # the database, which answers in the order of the questions
    for _ in range(2):
        database.send(b"row of " + database.recv(100))
    os._exit(0)

connection.send(b"order 1")

child = os.fork()
if child == 0:  # it asks for another row
    connection.send(b"order 2")
    connection.recv(100)
    os._exit(0)

os.waitpid(child, 0)
answer = connection.recv(100)
if answer != b"row of order 1":
    message = f"asked for order 1, got: {answer.decode()}"
    raise LookupError(message)
