"""Stands in for curl where it is missing: the few options that the pages use, nothing else."""

import argparse
import sys
import urllib.error
import urllib.request

parser = argparse.ArgumentParser(prog="curl")
parser.add_argument("url")
parser.add_argument("-i", "--include", action="store_true")
parser.add_argument("-s", "--silent", action="store_true")
parser.add_argument("-S", "--show-error", action="store_true")
parser.add_argument("-X", "--request")
parser.add_argument("-d", "--data", "--json", action="append")
parser.add_argument("-H", "--header", action="append", default=[])
parser.add_argument("-o", "--output")
parser.add_argument("-w", "--write-out", default="")
options = parser.parse_args()

data = "&".join(options.data).encode() if options.data else None
url = options.url if "://" in options.url else f"http://{options.url}"
request = urllib.request.Request(url, data=data, method=options.request)
if "--json" in sys.argv:
    request.add_header("Content-Type", "application/json")
    request.add_header("Accept", "application/json")
for header in options.header:
    request.add_header(*[part.strip() for part in header.split(":", 1)])


class AsIs(urllib.request.HTTPRedirectHandler):
    """Like curl without --location: a redirect is an answer."""

    def redirect_request(self, *_: object) -> None:
        """Follow nothing."""


import time  # noqa: E402

began = time.monotonic()
try:
    answer = urllib.request.build_opener(AsIs).open(request)
except urllib.error.HTTPError as exc:
    answer = exc
except urllib.error.URLError as exc:
    sys.exit(f"curl: (7) {exc.reason}")
body = answer.read()
took = time.monotonic() - began
if options.include:
    print(f"HTTP/1.1 {answer.status} {answer.reason}")
    for name, value in answer.headers.items():
        print(f"{name}: {value}")
    print(flush=True)
if options.output:
    with open(options.output, "wb") as file:
        file.write(body)
else:
    sys.stdout.buffer.write(body)
if options.write_out:
    text = options.write_out.replace("\\n", "\n")
    text = text.replace("%{http_code}", str(answer.status)).replace("%{time_total}", f"{took:.6f}")
    sys.stdout.write(text)
