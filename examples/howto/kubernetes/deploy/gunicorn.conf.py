"""How gunicorn serves the shop. Without WEB_CONCURRENCY it starts one process."""

# Only a proxy on this machine reaches it.
bind = "127.0.0.1:8000"
# In each process. While one waits for the database, another answers; two of them may be streams.
threads = 4
# Requests that run at a stop have this long to end, in seconds.
graceful_timeout = 30
accesslog = "-"
# Otherwise gunicorn opens a control socket in the home directory, and the shop's user has none.
control_socket_disable = True
