"""Stands in for curl where it is missing: the few options that the pages use, nothing else."""

import argparse
import base64
import signal
import sys
import time
import urllib.error
import urllib.request
from pathlib import Path

COULD_NOT_CONNECT, TIMED_OUT = 7, 28  # curl's own exit codes

parser = argparse.ArgumentParser(prog="curl")
parser.add_argument("url")
parser.add_argument("-i", "--include", action="store_true")
parser.add_argument("-s", "--silent", action="store_true")
parser.add_argument("-S", "--show-error", action="store_true")
parser.add_argument("-X", "--request")
parser.add_argument("-d", "--data", action="append")
parser.add_argument("-F", "--form", action="append", default=[])
parser.add_argument("-N", "--no-buffer", action="store_true")
parser.add_argument("-H", "--header", action="append", default=[])
parser.add_argument("-m", "--max-time", type=float)
parser.add_argument("-o", "--output", type=Path)
parser.add_argument("-u", "--user")
parser.add_argument("-w", "--write-out", default="")
options = parser.parse_args()

headers = {}
if options.user:
    word = base64.b64encode(options.user.encode()).decode()
    headers["Authorization"] = f"Basic {word}"
data = "&".join(options.data).encode() if options.data else None
if options.form:
    boundary = "a-boundary-that-no-file-of-the-pages-contains"
    headers["Content-Type"] = f"multipart/form-data; boundary={boundary}"
    data = b""
    for field in options.form:
        name, _, path = field.partition("=@")
        head = f'Content-Disposition: form-data; name="{name}"; filename="{Path(path).name}"'
        data += f"--{boundary}\r\n{head}\r\n\r\n".encode() + Path(path).read_bytes() + b"\r\n"
    data += f"--{boundary}--\r\n".encode()
request = urllib.request.Request(options.url, data=data, headers=headers, method=options.request)
for header in options.header:
    request.add_header(*[part.strip() for part in header.split(":", 1)])


class AsIs(urllib.request.HTTPRedirectHandler):
    """Like curl without --location: a redirect is an answer."""

    def redirect_request(self, *_: object) -> None:
        """Follow nothing."""


def late(*_: object) -> None:
    """End the transfer, wherever it is."""
    sys.stdout.flush()
    sys.exit(TIMED_OUT)


began = time.monotonic()
if options.max_time:
    signal.signal(signal.SIGALRM, late)
    signal.setitimer(signal.ITIMER_REAL, options.max_time)
try:
    answer = urllib.request.build_opener(AsIs).open(request)
except urllib.error.HTTPError as exc:
    answer = exc
except urllib.error.URLError as exc:
    if not options.silent or options.show_error:
        print(f"curl: ({COULD_NOT_CONNECT}) {exc.reason}", file=sys.stderr)
    sys.exit(COULD_NOT_CONNECT)
if options.include:
    print(f"HTTP/1.1 {answer.status} {answer.reason}")
    for name, value in answer.headers.items():
        print(f"{name}: {value}")
    print(flush=True)
file = options.output.open("wb") if options.output else sys.stdout.buffer
while part := answer.read1():
    file.write(part)
    file.flush()
took = time.monotonic() - began
if options.write_out:
    text = options.write_out.replace("\\n", "\n")
    text = text.replace("%{http_code}", str(answer.status))
    sys.stdout.write(text.replace("%{time_total}", f"{took:.6f}"))
