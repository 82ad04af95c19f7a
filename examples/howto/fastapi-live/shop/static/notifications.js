const list = document.getElementById("news");
const shown = new Set();
const FIRST = 1000;
let wait = FIRST;

function connect() {
  const socket = new WebSocket(`${location.origin.replace("http", "ws")}/notifications`);
  socket.addEventListener("open", () => {
    wait = FIRST;
  });
  socket.addEventListener("message", (event) => {
    const news = JSON.parse(event.data);
    // After a lost connection it may come twice.
    if (!shown.has(news.id)) {
      shown.add(news.id);
      const item = document.createElement("li");
      item.textContent = news.text;
      list.append(item);
    }
    socket.send(JSON.stringify({ read: news.id }));
  });
  // Not all at once, when the server comes back.
  socket.addEventListener("close", () => {
    setTimeout(connect, wait * (0.5 + Math.random()));
    wait = Math.min(2 * wait, 60 * FIRST);
  });
}

connect();
