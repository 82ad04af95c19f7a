// The search page, on Pagefind, made for error messages that are pasted whole.
(() => {
  "use strict";
  const form = document.querySelector("form[data-search]");
  const query = document.getElementById("search-query");
  const status = document.getElementById("search-status");
  const list = document.getElementById("search-results");
  const SHOWN = 10;

  const load = async () => {
    try {
      const pagefind = await import(new URL(form.dataset.search, document.baseURI).href);
      await pagefind.options({ excerptLength: 24 });
      await pagefind.init();
      return pagefind;
    } catch (error) {
      status.textContent =
        location.protocol === "file:"
          ? "The search does not work on pages opened as files. Serve the folder of the site: " +
            "python3 -m http.server --bind 127.0.0.1 8000"
          : `The search index could not be loaded: ${error.message}`;
      return null;
    }
  };
  const loading = load();

  // Names of the reader's own, which no page has: quoted ones, dotted ones, paths.
  const NAMES = /'[^']*'|\S*[._/]\w\S*/g;

  // The text as it stands; then all of its words; then all but the names; and if that finds nothing,
  // all but one of the words, for a name that looks like a word.
  const find = async (pagefind, text) => {
    const plain = text.replaceAll('"', " ").trim();
    const general = plain.replaceAll(NAMES, " ").trim();
    const found = new Map();
    const add = async (query) => {
      if (!query) return;
      const { results } = await pagefind.search(query);
      for (const result of results) if (!found.has(result.id)) found.set(result.id, result);
    };
    for (const query of [`"${plain}"`, plain, general]) await add(query);
    if (!found.size) {
      const all = general.split(/\s+/);
      for (const skipped of all.keys()) await add(all.toSpliced(skipped, 1).join(" "));
    }
    return [...found.values()];
  };

  const words = (text) => new Set(text.toLowerCase().match(/[\p{L}\p{N}_]+/gu));

  // The section to link to: the one whose heading has most of the words asked for, if any has half
  // of them; else the one that Pagefind puts first.
  const bestSection = (page, text) => {
    const asked = [...words(text)];
    let best = page.sub_results[0];
    let most = asked.length / 2;
    for (const section of page.sub_results) {
      const heading = words(section.title);
      const count = asked.filter((word) => heading.has(word)).length;
      if (count > most) [best, most] = [section, count];
    }
    return best;
  };

  const entry = (page, text) => {
    const best = bestSection(page, text);
    const item = document.createElement("li");
    const link = document.createElement("a");
    link.href = (best?.url ?? page.url).replace(/-title$/, ""); // the section, not its heading
    link.textContent = page.meta.title;
    if (best && best.title !== page.meta.title) link.textContent += ` › ${best.title}`;
    const excerpt = document.createElement("p");
    excerpt.innerHTML = best?.excerpt ?? page.excerpt; // escaped by Pagefind, with <mark>
    item.append(link, excerpt);
    return item;
  };

  let latest = 0;
  const search = async () => {
    const mine = ++latest;
    const text = query.value.trim();
    const pagefind = await loading;
    if (!pagefind || mine !== latest) return;
    if (!text) {
      status.textContent = "";
      list.replaceChildren();
      return;
    }
    const results = await find(pagefind, text);
    const pages = await Promise.all(results.slice(0, SHOWN).map((result) => result.data()));
    if (mine !== latest) return;
    const count = results.length === 1 ? "1 page" : `${results.length} pages`;
    status.textContent = results.length ? count : "No page has this. Try fewer words.";
    list.replaceChildren(...pages.map((page) => entry(page, text)));
  };

  query.value = (new URLSearchParams(location.search).get("q") ?? "").replaceAll(/\s+/g, " ");
  query.addEventListener("input", search);
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    history.replaceState(null, "", `?q=${encodeURIComponent(query.value)}`);
    search();
  });
  query.focus();
  search();
})();
