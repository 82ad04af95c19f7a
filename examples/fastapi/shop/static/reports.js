const form = document.getElementById("report");
const button = document.getElementById("submit");
const bar = document.getElementById("progress");
const message = document.getElementById("message");

form.addEventListener("submit", (event) => {
  event.preventDefault();
  start(Number(form.elements.year.value));
});

async function start(year) {
  show("Sending …", 0);
  try {
    const response = await fetch(form.action, {
      method: "POST",
      headers: { "Content-Type": "application/json" },
      body: JSON.stringify({ year }),
    });
    if (response.status === 202) {
      follow(response.headers.get("Location"));
    } else {
      show(`Not accepted: ${(await response.json()).error}`);
    }
  } catch {
    show("The server does not answer.");
  }
}

// Events come as they happen. Without them, or when they break off, the page asks.
function follow(url) {
  if (!window.EventSource) {
    poll(url);
    return;
  }
  const source = new EventSource(`${url}/events`);
  source.addEventListener("message", (event) => {
    if (ended(JSON.parse(event.data))) {
      source.close();
    }
  });
  source.addEventListener("error", () => {
    source.close();
    poll(url);
  });
}

async function poll(url) {
  const task = await ask(url);
  if (task === null) {
    show("No connection, trying again …", bar.value);
    later(url);
  } else if (!ended(task)) {
    later(url);
  }
}

function ended(task) {
  if (task.state === "SUCCESS") {
    show(`${task.result.orders} orders, ${(task.result.total_cents / 100).toFixed(2)} in total`);
    return true;
  }
  if (task.error !== null) {
    show(`The report failed: ${task.error}`);
    return true;
  }
  show(`${task.progress} %`, task.progress);
  return false;
}

// While the server is down or restarts, this is null.
async function ask(url) {
  try {
    const response = await fetch(url);
    return response.status < 500 ? await response.json() : null;
  } catch {
    return null;
  }
}

function later(url) {
  setTimeout(() => poll(url), 500);
}

// With a progress, the page waits: it shows the bar and takes no second click.
function show(text, progress) {
  message.textContent = text;
  const waiting = progress !== undefined;
  bar.hidden = !waiting;
  button.disabled = waiting;
  if (waiting) {
    bar.value = progress;
  }
}
