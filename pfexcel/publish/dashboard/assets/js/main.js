/** Which view the address names, and what moves when it changes: content, title, breadcrumb, focus. */

import { aboutView } from "./about.js";
import { publication } from "./data.js";
import { address, h, link, note } from "./dom.js";
import { acrossView, indicatorsView } from "./indicators.js";
import { dataView, interventionsView, movementsView } from "./lists.js";
import { nationView, shaView } from "./nation.js";
import { domainView, indicatorView } from "./rated.js";
import { findView, startSearch } from "./search.js";
import { trustView } from "./trust.js";
import { trustsView } from "./trusts.js";
import { say } from "./words.js";

const NAMED = {
  about: aboutView,
  data: dataView,
  find: findView,
  interventions: interventionsView,
  movements: movementsView,
  trusts: trustsView,
};
const LEVELS = [nationView, shaView, trustView, domainView, indicatorView];

const main = document.querySelector("main");
const crumbs = document.querySelector("#crumbs");

/** The path and the settings of an address; null for one that is none of ours. */
function parse(hash) {
  if (hash && !hash.startsWith("#/")) return null;
  const [path, query] = hash.slice(2).split("?");
  return {
    path: path.split("/").filter(Boolean).map(decode),
    params: new URLSearchParams(query),
  };
}

function decode(part) {
  try {
    return decodeURIComponent(part);
  } catch {
    return part;
  }
}

function resolve({ path, params }) {
  const [first] = path;
  if (first === "indicators") return path.length === 1 ? indicatorsView() : acrossView(path);
  if (Object.hasOwn(NAMED, first ?? "")) return path.length === 1 ? NAMED[first](path, params, remember(path)) : null;
  return LEVELS[path.length]?.(path, params, remember(path)) ?? null;
}

/** Keep the settings of a view in the address, without a new step in the history. */
const remember = (path) => (params) => {
  const hash = address(path, params);
  if (hash === location.hash) return;
  try {
    history.replaceState(history.state, "", hash);
    here = hash;
  } catch {
    // A browser refuses more changes than a hundred in half a minute; the address then lags behind the view.
  }
};

const absent = () => ({
  nav: "",
  title: say("absent.title"),
  crumbs: [],
  content: [note(say("absent.text")), h("p", {}, link(say("nav.nation"), []))],
});

/** The link by which each view was left, so that going back returns to it. */
const left = new Map();
let here = location.hash;
let steps = 0;

function show(moving) {
  const asked = parse(location.hash);
  if (!asked) return;
  const back = history.state?.step !== undefined;
  if (!back) history.replaceState({ step: ++steps }, "");
  here = location.hash;
  const view = resolve(asked) ?? absent();
  const heading = h("h1", { tabindex: "-1" }, view.heading ?? view.title);
  main.replaceChildren(h("div", { class: "head" }, heading, view.lead ? h("p", { class: "lead" }, view.lead) : ""));
  main.append(...[view.content].flat(Infinity).filter((part) => part));
  trail(view);
  document.title = view.crumbs.length ? `${view.title}: ${publication.title}` : publication.title;
  for (const one of document.querySelectorAll("#nav a")) {
    if (one.dataset.nav === view.nav) one.setAttribute("aria-current", asked.path.length > 1 ? "true" : "page");
    else one.removeAttribute("aria-current");
  }
  if (moving) settle(heading, back);
}

/** Where the reader goes on: at the heading of a new view, at the link just followed when going back. */
function settle(heading, back) {
  const href = back && left.get(location.hash);
  const place = href && [...main.querySelectorAll("a")].find((one) => one.getAttribute("href") === href);
  if (place) {
    place.focus();
    place.scrollIntoView({ block: "center" });
  } else {
    scrollTo(0, 0);
    heading.focus({ preventScroll: true });
  }
}

function trail(view) {
  const places = [[say("nav.nation"), []], ...view.crumbs];
  crumbs.hidden = places.length === 1;
  crumbs.replaceChildren(
    h(
      "ol",
      {},
      places.map(([text, path], place) =>
        h("li", {}, place === places.length - 1 ? h("span", { "aria-current": "page" }, text) : link(text, path)),
      ),
    ),
  );
}

document.addEventListener("click", (event) => {
  const chosen = event.target.closest?.("a[href^='#']");
  if (!chosen) return;
  const href = chosen.getAttribute("href");
  left.set(here, href);
  if (href === "#main" || href === location.hash) {
    event.preventDefault();
    main.querySelector("h1").focus();
  }
});

history.scrollRestoration = "manual";
addEventListener("hashchange", () => show(true));
for (const part of document.querySelectorAll("[data-live]")) part.hidden = false;
startSearch(document.querySelector("#search"));
show(false);
