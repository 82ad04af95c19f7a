"""A program: write the sequence diagram of ``visibility.log``, as a directive of the site, to ``visibility.md``."""

from pathlib import Path

HERE = Path(__file__).parent
LOG, DRAWING = HERE / "visibility.log", HERE / "visibility.md"
HEAD = ["participant web", "participant Redis", "participant worker 1", "participant worker 2"]
ARROWS = {
    "sends a message": "{who}->>Redis: {time}, message",
    "takes it": "Redis->>{who}: {time}, takes it",
    "takes it again": "Redis->>{who}: {time}, takes it again",
    "begins": "Note over {who}: {time}, begins",
    "has shipped": "{who}->>Redis: {time}, has shipped, acknowledges",
}


def events(log: str) -> list[tuple[float, str, str]]:
    """Return the lines of the log: the time in seconds, who, and what."""
    found = []
    for line in log.splitlines():
        if line.startswith("#"):
            continue
        time, _, rest = line.partition(" ")
        who, _, what = rest.partition(": ")
        found.append((float(time.removesuffix("s")), who, what))
    return found


def diagram(log: str) -> str:
    """Return the directive: what happened in words, and as Mermaid."""
    happened = events(log)
    words = " ".join(f"{time:.2f} s: {who} {what}." for time, who, what in happened)
    lines = [ARROWS[what].format(who=who, time=f"{time:.2f} s") for time, who, what in happened]
    source = "\n".join(["sequenceDiagram", *(f"    {line}" for line in [*HEAD, *lines])])
    comments = "".join(f"\n{line[2:]}\n" for line in log.splitlines() if line.startswith("#"))
    return f"```{{diagram}}\n:alt: {words}\n\n{source}\n```\n{comments}"


if __name__ == "__main__":
    DRAWING.write_text(diagram(LOG.read_text(encoding="utf-8")), encoding="utf-8")
