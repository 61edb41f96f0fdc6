/** Elements, made by createElement and text nodes only: no text is ever read as markup. */

import { tones } from "./data.js";
import { direction, say } from "./words.js";

const SVG = "http://www.w3.org/2000/svg";

function fill(element, attributes, children) {
  for (const [name, value] of Object.entries(attributes)) {
    if (name === "on") {
      for (const [event, listener] of Object.entries(value)) element.addEventListener(event, listener);
    } else if (value !== null && value !== undefined && value !== false) {
      element.setAttribute(name, value === true ? "" : value);
    }
  }
  element.append(...children.flat(Infinity).filter((child) => ![null, undefined, false, ""].includes(child)));
  return element;
}

/** An HTML element; children are elements and texts, in lists or not, and what is empty is left out. */
export const h = (tag, attributes = {}, ...children) => fill(document.createElement(tag), attributes, children);

/** An SVG element. */
export const s = (tag, attributes = {}, ...children) => fill(document.createElementNS(SVG, tag), attributes, children);

export const hidden = (text) => h("span", { class: "vh" }, text);

/** The address of a view: `#/Q34/RXK?sort=name`. */
export function address(path, params = {}) {
  const query = new URLSearchParams(params).toString();
  return `#/${path.map(encodeURIComponent).join("/")}${query ? `?${query}` : ""}`;
}

export const link = (text, path, params = {}) => h("a", { href: address(path, params) }, text);
export const trustLink = (sha, trust) => link(trust.name, [sha.code, trust.ods_code]);

export const tone = (category) => `tone-${tones[category] ?? "light_grey"}`;

/** A category in its colour, in words. */
export const badge = (category) => h("span", { class: `badge ${tone(category)}` }, category);

const ARROWS = { better: "▲", worse: "▼" };

/** A movement in words, with an arrow. */
export function moved(name) {
  const arrow = ARROWS[name] ? h("span", { "aria-hidden": "true" }, `${ARROWS[name]} `) : "";
  return h("span", { class: `moved moved-${name.replace(" ", "-")}` }, arrow, direction(name));
}

/** A score in the colour of its place among the scores possible, best first. */
export function scoreMark(score, scores, text = null) {
  if (score === null) return h("span", {}, say("none"));
  const place = score === scores[0] ? "best" : score === scores.at(-1) ? "worst" : "middle";
  return h("span", { class: `score score-${place}` }, text ?? String(score));
}

/** Names and what they are; entries without a value are left out. */
export function facts(pairs, kind = "facts") {
  const shown = pairs.filter(([, value]) => value !== null && value !== undefined && value !== "");
  return h(
    "dl",
    { class: kind },
    shown.map(([name, value]) => h("div", {}, h("dt", {}, name), h("dd", {}, value))),
  );
}

let numbered = 0;

/** A part of a view under a heading that names it. */
export function section(heading, ...children) {
  const id = `part-${++numbered}`;
  return h("section", { "aria-labelledby": id }, h("h2", { id }, heading), children);
}

/** A framed part: of a section, or of the view itself. */
export const panel = (heading, ...children) => h("div", { class: "card" }, h("h2", {}, heading), children);
export const card = (heading, ...children) => h("div", { class: "card" }, h("h3", {}, heading), children);
export const note = (text) => h("p", { class: "note" }, text);
