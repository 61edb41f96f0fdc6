/** What the page says: the texts of `dashboard.toml` with their places filled, numbers and dates in words. */

import { names, publication, words } from "./data.js";

/** The text with this key (`trust.heading`), its `{places}` filled. */
export function say(key, places = {}) {
  const text = key.split(".").reduce((table, part) => table[part], words);
  return text.replace(/\{(\w+)\}/g, (_, name) => String(places[name]));
}

/** A number of things: `say` with `one` or `many` of a key. */
export const count = (key, number) => say(`${key}.${number === 1 ? "one" : "many"}`, { number });

const long = new Intl.DateTimeFormat("en-GB", { dateStyle: "long", timeZone: "UTC" });

/** A day as `20 May 2012`; any other text as it stands. */
export function day(text) {
  const date = /^\d{4}-\d{2}-\d{2}$/.test(text) ? new Date(`${text}T00:00:00Z`) : null;
  return date && !Number.isNaN(date.getTime()) ? long.format(date) : text;
}

/** A score as it is printed where no band is to be told; a dash without one. */
export const points = (score, decimals = 2) => (score === null ? say("none") : score.toFixed(decimals));

/** A number without idle zeros. */
export const plain = (number) => (number === null ? say("none") : String(Math.round(number * 1e6) / 1e6));

export const trustType = (type) => words.trust_types[type] ?? type;
export const periodWords = (text) => publication.periods.find((one) => one.text === text)?.words ?? text;

/** `Q3` and `2011-12` of `2011-12-Q3`. */
export const periodParts = (text) => [text.slice(8), text.slice(0, 7)];

export const direction = (name) => words.directions[name];
export const short = (category) => words.short[category] ?? category;
export const isScored = (text) => text.lowest !== null && text.limits.length > 0;
export const isRated = (category) => ![names.not_assessed, names.not_rated].includes(category);
