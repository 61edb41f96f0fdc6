/** Tables that can be sorted by any column, and shown in part. */

import { h, hidden } from "./dom.js";
import { say } from "./words.js";

const collator = new Intl.Collator("en-GB", { numeric: true });

/** Compare what two rows are sorted by; rows without a value come last whichever way the sort goes. */
function compare(a, b, down) {
  const empty = (value) => value === null || value === undefined || value === "";
  if (empty(a) || empty(b)) return Number(empty(a)) - Number(empty(b));
  const order = typeof a === "number" && typeof b === "number" ? a - b : collator.compare(a, b);
  return down ? -order : order;
}

/**
 * A table. A column has `label`, `cell(row)`, and what else holds: `key` and `sort(row)` to sort by, `number`, `head`
 * (an element in place of the label), `group` (a heading over neighbouring columns), `header` for the row's own name.
 *
 * `sort` is the column to begin with (`name`, `-name` downwards), `sorted` is told each change. `show` takes the rows
 * to be shown from now on.
 */
export function table({ caption, columns, rows, sort = "", sorted = () => {}, quiet = false, look = null }) {
  const body = h("tbody");
  const heads = new Map();
  const made = new Map();
  const state = { rows, key: sort.replace(/^-/, ""), down: sort.startsWith("-") };

  function line(row) {
    if (!made.has(row)) {
      const cells = columns.map((column) =>
        h(
          column.header ? "th" : "td",
          { scope: column.header ? "row" : null, class: column.number ? "number" : column.look },
          column.cell(row),
        ),
      );
      made.set(row, h("tr", {}, cells));
    }
    return made.get(row);
  }

  function draw() {
    const column = columns.find((one) => one.key === state.key && one.sort);
    const order = column
      ? state.rows.toSorted((a, b) => compare(column.sort(a), column.sort(b), state.down))
      : state.rows;
    body.replaceChildren(...order.map(line));
    for (const [key, head] of heads) {
      if (key === state.key) head.setAttribute("aria-sort", state.down ? "descending" : "ascending");
      else head.removeAttribute("aria-sort");
    }
  }

  function press(key) {
    state.down = state.key === key && !state.down;
    state.key = key;
    draw();
    sorted(`${state.down ? "-" : ""}${key}`);
  }

  function head(column) {
    const look = column.number ? "number" : column.look;
    const content = column.head ?? column.label;
    if (!column.sort) return h("th", { scope: "col", class: look }, content);
    const button = h("button", { type: "button", on: { click: () => press(column.key) } }, content);
    const cell = h("th", { scope: "col", class: look }, button);
    heads.set(column.key, cell);
    return cell;
  }

  const element = h(
    "table",
    { class: look },
    h(
      "caption",
      { class: quiet ? "vh" : null },
      caption,
      columns.some((one) => one.sort) && hidden(say("table.sortable")),
    ),
    h("thead", {}, groups(columns), h("tr", {}, columns.map(head))),
    body,
  );
  draw();
  return {
    element: scroller(element),
    show(some) {
      state.rows = some;
      draw();
    },
  };
}

/** The headings over groups of columns, where there are any. */
function groups(columns) {
  if (!columns.some((column) => column.group)) return null;
  const cells = [];
  for (const column of columns) {
    const last = cells.at(-1);
    if (last && last.name === column.group) last.span += 1;
    else cells.push({ name: column.group, span: 1 });
  }
  return h(
    "tr",
    {},
    cells.map(({ name, span }) =>
      name ? h("th", { scope: "colgroup", colspan: span, class: "group" }, name) : h("td", { colspan: span }),
    ),
  );
}

const watched = new ResizeObserver((changes) => {
  for (const { target } of changes) reachable(target);
});

/** A table wider than its place can be scrolled by keyboard too, and then has a name as a region. */
function reachable(box) {
  const wide = box.scrollWidth > box.clientWidth + 1;
  for (const [name, value] of [
    ["tabindex", "0"],
    ["role", "region"],
    ["aria-label", box.firstChild.caption.textContent],
  ]) {
    if (wide) box.setAttribute(name, value);
    else box.removeAttribute(name);
  }
}

function scroller(element) {
  const box = h("div", { class: "scroll" }, element);
  watched.observe(box);
  return box;
}
