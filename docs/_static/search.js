// The search page, on Pagefind, made for error messages that are pasted whole.
(() => {
  "use strict";
  const form = document.querySelector("form[data-search]");
  const query = document.getElementById("search-query");
  const status = document.getElementById("search-status");
  const list = document.getElementById("search-results");
  const READ = 20; // pages, of which the best are shown
  const SHOWN = 10;
  const ENOUGH = 10; // pages; some have all the words by chance

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

  // The text as it stands; then all of its words; then all but the names; and if that finds little,
  // all but one of the words, for a name that looks like a word. A page's results of all of these count,
  // as Pagefind finds other sections with each: for it, "celery_app" is the phrase "celery", too.
  const find = async (pagefind, text) => {
    const plain = text.replaceAll('"', " ").trim();
    const general = plain.replaceAll(NAMES, " ").trim();
    const found = new Map();
    const add = async (query) => {
      if (!query) return;
      const { results } = await pagefind.search(query);
      for (const result of results) found.set(result.id, [...(found.get(result.id) ?? []), result]);
    };
    for (const query of [`"${plain}"`, plain, general]) await add(query);
    if (found.size < ENOUGH) {
      const all = general.split(/\s+/);
      for (const skipped of all.keys()) await add(all.toSpliced(skipped, 1).join(" "));
    }
    return [...found.values()];
  };

  // One after the other: Pagefind writes each result's sections into the same object.
  const read = async (results) => {
    const pages = [];
    for (const result of results) pages.push({ ...(await result.data()) });
    return { ...pages[0], sub_results: pages.flatMap((page) => page.sub_results) };
  };

  const words = (text) => new Set(text.toLowerCase().match(/[\p{L}\p{N}_]+/gu));

  // The section to link to, and how well it fits: the one whose heading has most of the words asked for and
  // fewest others, if any has half of them; else the one that Pagefind puts first.
  const bestSection = (page, text) => {
    const asked = [...words(text)];
    let best = page.sub_results[0];
    let most = asked.length / 2;
    for (const section of page.sub_results) {
      const heading = words(section.title);
      const common = asked.filter((word) => heading.has(word)).length;
      const score = common - heading.size / 1000; // fewer others decide between equals
      if (score > most) [best, most] = [section, score];
    }
    return [best, most];
  };

  const entry = (page, best) => {
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
  let running = Promise.resolve();
  // One search at a time, as they share Pagefind's objects; of those that wait, only the last is made.
  const search = () => {
    const mine = ++latest;
    running = running.then(() => (mine === latest ? show(mine) : null));
  };

  const show = async (mine) => {
    const text = query.value.trim();
    const pagefind = await loading;
    if (!pagefind) return;
    if (!text) {
      status.textContent = "";
      list.replaceChildren();
      return;
    }
    const results = await find(pagefind, text);
    const pages = [];
    for (const found of results.slice(0, READ)) {
      if (mine !== latest) return;
      const page = await read(found);
      pages.push([page, ...bestSection(page, text)]);
    }
    if (mine !== latest) return;
    // A heading with the words asked for is what was looked for; equals keep Pagefind's order.
    pages.sort(([, , one], [, , other]) => Math.round(other) - Math.round(one));
    const count = results.length === 1 ? "1 page" : `${results.length} pages`;
    status.textContent = results.length ? count : "No page has this. Try fewer words.";
    list.replaceChildren(...pages.slice(0, SHOWN).map(([page, best]) => entry(page, best)));
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
