// What reports.js needs of a browser. A test answers each request and runs each timer by hand.
"use strict";

const elements = { report: { action: "/reports", elements: { year: { value: "2026" } } } };
elements.report.addEventListener = (name, listener) => {
  elements.report[`on ${name}`] = listener;
};
// As in a browser, the value of a bar is a number.
let value = 0;
elements.progress = {
  get value() {
    return value;
  },
  set value(number) {
    if (!Number.isFinite(number)) {
      throw new TypeError("The provided value is non-finite");
    }
    value = number;
  },
};
globalThis.document = { getElementById: (id) => (elements[id] ??= {}) };

const requests = [];
globalThis.fetch = (url, options = {}) =>
  new Promise((resolve, reject) => {
    requests.push({ url, options, resolve, reject });
  });

const sources = [];
class EventSource {
  constructor(url) {
    this.url = url;
    this.listeners = {};
    sources.push(this);
  }
  addEventListener(name, listener) {
    this.listeners[name] = listener;
  }
  close() {
    sources.splice(sources.indexOf(this), 1);
  }
}
globalThis.window = { EventSource };
globalThis.EventSource = EventSource;

const errors = [];
const timers = [];
globalThis.setTimeout = (run, delay) => timers.push({ run, delay });

globalThis.browser = {
  submit() {
    let prevented = false;
    elements.report["on submit"]({
      preventDefault() {
        prevented = true;
      },
    });
    return prevented;
  },
  requests: () => JSON.stringify(requests.map(({ url, options }) => ({ url, ...options }))),
  answer(status, body, location) {
    requests.shift().resolve({
      status,
      headers: { get: (name) => (name === "Location" ? location : null) },
      json: async () => JSON.parse(body),
    });
  },
  fail() {
    requests.shift().reject(new TypeError("Failed to fetch"));
  },
  forgetEventSource() {
    delete window.EventSource;
  },
  sources: () => JSON.stringify(sources.map(({ url }) => url)),
  event(data) {
    sources[0].listeners.message({ data });
  },
  breakOff() {
    sources[0].listeners.error();
  },
  timers: () => JSON.stringify(timers.map(({ delay }) => delay)),
  tick() {
    timers
      .shift()
      .run()
      .catch((error) => errors.push(`${error}`));
  },
  errors: () => JSON.stringify(errors),
  shown: () =>
    JSON.stringify({
      text: elements.message.textContent,
      bar: elements.progress.hidden ? null : elements.progress.value,
      button: !elements.submit.disabled,
    }),
};
