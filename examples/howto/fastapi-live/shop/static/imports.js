const log = document.getElementById("log");

function follow(url) {
  const source = new EventSource(url);
  source.addEventListener("message", (event) => {
    const line = document.createElement("li");
    line.textContent = JSON.parse(event.data);
    log.append(line);
  });
  // Without this, the browser takes the end for a lost connection, and begins again.
  source.addEventListener("end", () => source.close());
}
