/** A form that picks rows of a table, and says how many it picked. */

import { h } from "./dom.js";
import { say } from "./words.js";

/**
 * The form. A filter has `key`, `label` and `test(row, value)`; with `options` (value and label) it is a choice,
 * without a text; `further` ones stand under «More filters». `params` are the values to begin with; `changed` is told
 * the rows picked and the values whenever one changes.
 */
export function filterForm({ label, filters, rows, params, counted, changed }) {
  const controls = new Map();
  const status = h("p", { role: "status", class: "picked" });

  function control(filter) {
    const id = `filter-${filter.key}`;
    const given = params.get(filter.key) ?? "";
    const made = filter.options
      ? h(
          "select",
          { id, on: { change: apply } },
          h("option", { value: "" }, say("filters.any")),
          filter.options.map(([value, text]) => h("option", { value, selected: value === given }, text)),
        )
      : h("input", {
          id,
          type: "search",
          value: given,
          autocomplete: "off",
          spellcheck: "false",
          on: { input: apply },
        });
    controls.set(filter.key, made);
    return h("div", { class: "control" }, h("label", { for: id }, filter.label), made);
  }

  function values() {
    const set = filters.map(({ key }) => [key, controls.get(key).value.trim()]);
    return Object.fromEntries(set.filter(([, value]) => value));
  }

  function apply() {
    const now = values();
    const active = filters.filter(({ key }) => key in now);
    const picked = rows.filter((row) => active.every((filter) => filter.test(row, now[filter.key])));
    status.textContent = counted(picked.length, rows.length);
    reset.hidden = !active.length;
    changed(picked, now);
  }

  function clear() {
    for (const made of controls.values()) made.value = "";
    apply();
    controls.values().next().value.focus();
  }

  const near = filters.filter((filter) => !filter.further).map(control);
  const far = filters.filter((filter) => filter.further);
  const open = far.some((filter) => params.get(filter.key));
  const reset = h("button", { type: "button", hidden: true, on: { click: clear } }, say("filters.reset"));
  const form = h(
    "form",
    { class: "filters", "aria-label": label, on: { submit: (event) => event.preventDefault() } },
    h("div", { class: "controls" }, near),
    far.length
      ? h("details", { open }, h("summary", {}, say("filters.more")), h("div", { class: "controls" }, far.map(control)))
      : null,
    h("div", { class: "outcome" }, status, reset),
  );
  return { form, apply };
}
