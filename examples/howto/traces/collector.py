"""A stand-in for your collector, which prints each span: ``python collector.py``."""

from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from uuid import UUID

from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest
from opentelemetry.proto.trace.v1.trace_pb2 import Span

spans: list[Span] = []


class Collector(BaseHTTPRequestHandler):
    """Takes what OTLP sends by HTTP."""

    def do_POST(self) -> None:
        """Print the service, the trace and the name of each span."""
        body = self.rfile.read(int(self.headers["Content-Length"]))
        for batch in ExportTraceServiceRequest.FromString(body).resource_spans:
            names = {item.key: item.value.string_value for item in batch.resource.attributes}
            for scope in batch.scope_spans:
                for span in scope.spans:
                    spans.append(span)
                    trace = UUID(bytes=span.trace_id)
                    print(names["service.name"], trace, span.name)  # noqa: T201
        self.send_response(200)
        self.end_headers()

    def log_message(self, *_: object) -> None:
        """Say nothing of requests."""


if __name__ == "__main__":
    with ThreadingHTTPServer(("127.0.0.1", 4318), Collector) as server:
        print("listening")  # noqa: T201
        server.serve_forever()
