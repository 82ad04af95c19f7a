"""Stands in for curl where it is missing: the few options that the pages use, nothing else."""

import argparse
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
parser.add_argument("-H", "--header", action="append", default=[])
parser.add_argument("-m", "--max-time", type=float)
parser.add_argument("-o", "--output", type=Path)
parser.add_argument("-w", "--write-out", default="")
options = parser.parse_args()

data = "&".join(options.data).encode() if options.data else None
request = urllib.request.Request(options.url, data=data, method=options.request)
for header in options.header:
    request.add_header(*[part.strip() for part in header.split(":", 1)])


class AsIs(urllib.request.HTTPRedirectHandler):
    """Like curl without --location: a redirect is an answer."""

    def redirect_request(self, *_: object) -> None:
        """Follow nothing."""


began = time.monotonic()
try:
    opener = urllib.request.build_opener(AsIs)
    answer = opener.open(request, timeout=options.max_time)
except urllib.error.HTTPError as exc:
    answer = exc
except TimeoutError:
    sys.exit(TIMED_OUT)
except urllib.error.URLError as exc:
    if not options.silent or options.show_error:
        print(f"curl: ({COULD_NOT_CONNECT}) {exc.reason}", file=sys.stderr)
    sys.exit(TIMED_OUT if isinstance(exc.reason, TimeoutError) else COULD_NOT_CONNECT)
body = answer.read()
took = time.monotonic() - began
if options.include:
    print(f"HTTP/1.1 {answer.status} {answer.reason}")
    for name, value in answer.headers.items():
        print(f"{name}: {value}")
    print(flush=True)
if options.output:
    options.output.write_bytes(body)
else:
    sys.stdout.buffer.write(body)
if options.write_out:
    text = options.write_out.replace("\\n", "\n")
    text = text.replace("%{http_code}", str(answer.status))
    sys.stdout.write(text.replace("%{time_total}", f"{took:.6f}"))
