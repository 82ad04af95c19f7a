// Replaces the script of sphinx-tabs: the choice of framework is kept for the next visit and can be
// named in the address (?framework=flask), the arrow keys select, and a tab opens when the address
// points into it.
(() => {
  "use strict";
  const KEY = "framework";
  const root = document.documentElement;
  const stored = {
    get() {
      try {
        return localStorage.getItem(KEY);
      } catch {
        return null; // storage is forbidden: the choice lasts for this page
      }
    },
    set(label) {
      try {
        localStorage.setItem(KEY, label);
      } catch {}
    },
  };
  const tabsOf = (list) => [...list.querySelectorAll(":scope > [role=tab]")];
  const grouped = () => [...document.querySelectorAll(".sphinx-tabs-tab.group-tab")];

  const show = (tab) => {
    for (const other of tabsOf(tab.parentElement)) {
      const selected = other === tab;
      other.setAttribute("aria-selected", String(selected));
      other.tabIndex = selected ? 0 : -1;
      const panel = document.getElementById(other.getAttribute("aria-controls"));
      panel.toggleAttribute("hidden", !selected);
    }
  };

  const showEverywhere = (label) => {
    grouped().filter((tab) => tab.dataset.tab === label).forEach(show);
    root.dataset.framework = label;
  };

  const choose = (tab) => {
    const top = tab.getBoundingClientRect().top;
    if (tab.classList.contains("group-tab")) {
      stored.set(tab.dataset.tab);
      showEverywhere(tab.dataset.tab);
    }
    show(tab);
    // tab sets above may have changed their height: what the reader looks at stays in its place
    scrollBy({ top: tab.getBoundingClientRect().top - top, behavior: "instant" });
  };

  const openTarget = () => {
    const target = document.getElementById(decodeURIComponent(location.hash.slice(1)));
    let panel = target?.closest(".sphinx-tabs-panel");
    if (!panel) return;
    for (; panel; panel = panel.parentElement.closest(".sphinx-tabs-panel")) {
      const tab = document.getElementById(panel.getAttribute("aria-labelledby"));
      if (tab.classList.contains("group-tab")) showEverywhere(tab.dataset.tab);
      show(tab);
    }
    target.scrollIntoView({ behavior: "instant" });
  };

  const onKey = (event) => {
    const tabs = tabsOf(event.currentTarget);
    const index = tabs.indexOf(event.target.closest("[role=tab]"));
    const next = { ArrowRight: index + 1, ArrowLeft: index - 1, Home: 0, End: tabs.length - 1 }[event.key];
    if (next === undefined || index < 0) return;
    event.preventDefault();
    const tab = tabs[(next + tabs.length) % tabs.length];
    choose(tab);
    tab.focus();
  };

  const start = () => {
    for (const list of document.querySelectorAll(".sphinx-tabs > [role=tablist]")) {
      list.addEventListener("keydown", onKey);
      list.addEventListener("click", (event) => {
        const tab = event.target.closest("[role=tab]");
        if (tab) choose(tab);
      });
    }
    const asked = new URLSearchParams(location.search).get(KEY)?.toLowerCase();
    const named = asked && grouped().find((tab) => tab.dataset.tab.toLowerCase() === asked);
    const label = named ? named.dataset.tab : stored.get();
    if (label) showEverywhere(label);
    openTarget();
    addEventListener("hashchange", openTarget);
    addEventListener("storage", (event) => {
      if (event.key === KEY && event.newValue) showEverywhere(event.newValue);
    });
  };

  start();
})();
