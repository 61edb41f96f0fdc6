/** The search over SHAs, trusts and indicators: suggestions under the box, and a view of all that was found. */

import { entries, publication, trustTypes, rulesOf } from "./data.js";
import { address, h, link, note, section } from "./dom.js";
import { count, say, trustType } from "./words.js";

const MOST = 8;

const items = [
  ...publication.shas.map((sha) => item("shas", sha.name, sha.code, [sha.code])),
  ...entries.map(({ sha, trust }) =>
    item("trusts", trust.name, `${trust.ods_code}, ${sha.name}`, [sha.code, trust.ods_code]),
  ),
  ...trustTypes.flatMap((type) =>
    rulesOf(type).indicators.map((text) =>
      item("indicators", text.label, trustType(type), ["indicators", type, text.id]),
    ),
  ),
];

function item(kind, label, detail, path) {
  return { kind, label, detail, path, text: `${label} ${detail}`.toLowerCase() };
}

/** What has every word of the query, names that begin with it first. */
export function search(query) {
  const wanted = query.toLowerCase().split(/\s+/).filter(Boolean);
  if (!wanted.length) return [];
  const found = items.filter(({ text }) => wanted.every((word) => text.includes(word)));
  const order = ({ label, detail }) =>
    Number(!detail.toLowerCase().startsWith(wanted[0])) && Number(!label.toLowerCase().startsWith(wanted[0]));
  return found.toSorted((a, b) => order(a) - order(b));
}

/** Make the search box in the head of the page work: a combobox whose list is of links. */
export function startSearch(form) {
  const box = form.querySelector("input");
  const list = form.querySelector("[role=listbox]");
  let active = -1;

  const close = () => {
    list.hidden = true;
    active = -1;
    box.setAttribute("aria-expanded", "false");
    box.removeAttribute("aria-activedescendant");
  };

  const go = (hash) => {
    close();
    box.value = "";
    location.hash = hash;
  };

  function option({ label, detail, path }, place) {
    const hash = address(path);
    return h(
      "li",
      {
        role: "option",
        id: `option-${place}`,
        "aria-selected": "false",
        "data-hash": hash,
        on: { mousedown: (event) => event.preventDefault(), click: () => go(hash) },
      },
      label,
      h("span", { class: "under" }, detail),
    );
  }

  function suggest() {
    const found = search(box.value);
    active = -1;
    box.removeAttribute("aria-activedescendant");
    list.replaceChildren(...found.slice(0, MOST).map(option));
    list.hidden = !found.length;
    box.setAttribute("aria-expanded", String(!list.hidden));
  }

  function mark(step) {
    if (list.hidden) suggest();
    const options = [...list.children];
    if (!options.length) return;
    active = (active + step + options.length) % options.length;
    for (const [place, one] of options.entries()) one.setAttribute("aria-selected", String(place === active));
    options[active].scrollIntoView({ block: "nearest" });
    box.setAttribute("aria-activedescendant", options[active].id);
  }

  box.addEventListener("input", suggest);
  box.addEventListener("blur", close);
  box.addEventListener("keydown", (event) => {
    const act = { ArrowDown: () => mark(1), ArrowUp: () => mark(-1), Escape: close }[event.key];
    if (!act || (event.key === "Escape" && list.hidden)) return;
    event.preventDefault();
    act();
  });
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    const chosen = list.children[active];
    if (chosen) go(chosen.dataset.hash);
    else if (box.value.trim()) go(address(["find"], { q: box.value.trim() }));
  });
}

export function findView(_, params) {
  const query = params.get("q") ?? "";
  const found = search(query);
  const title = say("find.title", { query });
  return {
    nav: "",
    title,
    lead: count("find.count", found.length),
    crumbs: [[say("find.crumb"), ["find"]]],
    content: found.length
      ? ["shas", "trusts", "indicators"].map((kind) =>
          group(
            kind,
            found.filter((one) => one.kind === kind),
          ),
        )
      : note(say("find.none")),
  };
}

function group(kind, found) {
  if (!found.length) return "";
  return section(
    say(`find.${kind}`),
    h(
      "ul",
      { class: "found" },
      found.map(({ label, detail, path }) => h("li", {}, link(label, path), h("span", { class: "under" }, detail))),
    ),
  );
}
