// What the scripts need of a browser. A test sends each event and runs each timer by hand.
"use strict";

const elements = {};
globalThis.document = {
  getElementById: (id) => (elements[id] ??= { items: [], append: (item) => elements[id].items.push(item) }),
  createElement: (name) => ({ name }),
};
globalThis.location = { origin: "https://shop.example" };
Math.random = () => 0.5;

const timers = [];
globalThis.setTimeout = (run, delay) => timers.push({ run, delay });

class Connection {
  static open = [];
  constructor(url) {
    this.url = url;
    this.listeners = {};
    this.sent = [];
    Connection.open.push(this);
  }
  addEventListener(name, listener) {
    this.listeners[name] = listener;
  }
  send(text) {
    this.sent.push(text);
  }
  close() {
    Connection.open.splice(Connection.open.indexOf(this), 1);
  }
}
globalThis.WebSocket = Connection;
globalThis.EventSource = Connection;

globalThis.browser = {
  event(name, data) {
    Connection.open[0].listeners[name]({ data });
  },
  lose() {
    Connection.open.shift().listeners.close({});
  },
  tick() {
    timers.shift().run();
  },
  state: () =>
    JSON.stringify({
      open: Connection.open.map(({ url }) => url),
      sent: Connection.open.flatMap(({ sent }) => sent),
      timers: timers.map(({ delay }) => delay),
      shown: Object.values(elements).flatMap(({ items }) => items.map((item) => item.textContent)),
    }),
};
