/** Charts as plain SVG, drawn from numbers given; each has its text alternative, and a table beside it the numbers. */

import { rank } from "./data.js";
import { h, s, tone } from "./dom.js";
import { isScored, periodParts, points, say } from "./words.js";

const WIDTH = 380;
const LABEL = 30;

const image = (name, width, height, alt, ...children) =>
  s("svg", { class: name, viewBox: `0 0 ${width} ${height}`, role: "img", "aria-label": alt }, children);

const scale = (low, high, from, to) => (value) => from + ((value - low) / (high - low || 1)) * (to - from);

const label = (x, y, text, attributes = {}) => s("text", { x: x.toFixed(1), y: y.toFixed(1), ...attributes }, text);

/** How many of how many, as the length of a bar; the number stands beside it. */
export function bar(number, whole, look) {
  const width = whole ? (100 * number) / whole : 0;
  return s(
    "svg",
    { class: "bar", viewBox: "0 0 100 10", preserveAspectRatio: "none", "aria-hidden": "true" },
    s("rect", { class: "track", width: 100, height: 10 }),
    s("rect", { class: look, width: width.toFixed(2), height: 10 }),
  );
}

/** The bands of a domain with a score, worst first, each with its limits and category. */
function bands(text) {
  const limits = text.limits.toSorted((a, b) => a.value - b.value);
  const edges = [text.lowest, ...limits.map((limit) => limit.value), text.best];
  const categories = [limits[0].below, ...limits.map((limit) => limit.category)];
  return categories.map((category, place) => ({ category, from: edges[place], to: edges[place + 1] }));
}

const pointer = (x, y, name) => s("path", { class: name, d: `M${x.toFixed(1)} ${y}l-6 -9h12z` });

/** A score on the bands of its domain; a hollow pointer marks the score of the period before. */
export function gauge(text, result) {
  if (!isScored(text) || result.score === null) return null;
  const [left, right, top] = [14, WIDTH - 14, 30];
  const at = scale(text.lowest, text.best, left, right);
  const before = result.movement.score_before === result.score ? null : result.movement.score_before;
  const places = [text.lowest, ...text.limits.map((limit) => limit.value), text.best];
  const x = at(result.score);
  const alt = say("charts.gauge", {
    score: result.score_words,
    lowest: text.lowest,
    best: text.best,
    limits: text.limits.map((limit) => limit.label).join("; "),
  });
  return h(
    "figure",
    { class: "chart" },
    image(
      "gauge",
      WIDTH,
      68,
      alt,
      bands(text).map(({ category, from, to }) =>
        s("rect", { class: tone(category), x: at(from), y: top, width: at(to) - at(from) - 1, height: 16 }),
      ),
      places.map((value) => label(at(value), top + 30, String(value), { class: "tick", "text-anchor": "middle" })),
      before === null ? null : pointer(at(before), top - 1, "pointer-before"),
      pointer(x, top - 1, "pointer"),
      label(Math.min(Math.max(x, 30), WIDTH - 30), 16, result.score_words, {
        class: "strong",
        "text-anchor": "middle",
      }),
    ),
    h(
      "figcaption",
      {},
      text.limits.map((limit) => limit.label).join("; "),
      before === null ? "" : `. ${say("charts.before", { score: points(before) })}`,
    ),
  );
}

/** The runs of neighbouring points that have a value, so that a line breaks where one is missing. */
function runs(placed) {
  const found = [[]];
  for (const point of placed) {
    if (point.y === null) found.push([]);
    else found.at(-1).push(point);
  }
  return found.filter((run) => run.length > 1);
}

const path = (run) => run.map(({ x, y }, place) => `${place ? "L" : "M"}${x.toFixed(1)} ${y.toFixed(1)}`).join("");

/**
 * A line over periods. `points` have `period`, `value` (null where missing) and `words`; `lines` are levels with a
 * `value` and a `words` that stands on the left.
 */
export function trend({ points: given, low, high, lines, margin = 34, name }) {
  const [top, bottom, right] = [22, 132, WIDTH - 22];
  const y = scale(low, high, bottom, top);
  const x = scale(0, Math.max(given.length - 1, 1), margin + 18, right);
  const placed = given.map((point, place) => ({
    ...point,
    x: given.length > 1 ? x(place) : (margin + right) / 2,
    y: point.value === null ? null : y(point.value),
  }));
  const crowded = given.length > 6;
  const every = Math.ceil((LABEL * (given.length - 1)) / (right - margin - 18)) || 1;
  const said = placed.map((point) => `${point.period} ${point.words}`).join("; ");
  let year = "";
  return h(
    "figure",
    { class: "chart" },
    image(
      "trend",
      WIDTH,
      164,
      say("charts.trend", { name, points: said }),
      lines.map((line) => [
        s("line", { class: "level", x1: margin + 4, x2: WIDTH - 6, y1: y(line.value), y2: y(line.value) }),
        label(margin, y(line.value) + 4, line.words, { class: "tick", "text-anchor": "end" }),
      ]),
      runs(placed).map((run) => s("path", { class: "line", d: path(run) })),
      placed.map((point, place) => {
        const [part, own] = periodParts(point.period);
        const first = own !== year;
        year = own;
        const spoken = point.mark ?? point.words;
        const told = spoken && point.y !== null && (!crowded || place === 0 || place === placed.length - 1);
        return [
          place % every ? null : label(point.x, 148, part, { class: "tick", "text-anchor": "middle" }),
          first ? label(point.x, 161, own, { class: "tick", "text-anchor": "middle" }) : null,
          point.y === null
            ? label(point.x, bottom, say("none"), { class: "tick", "text-anchor": "middle" })
            : s("circle", {
                class: point.category ? tone(point.category) : "dot",
                cx: point.x,
                cy: point.y,
                r: crowded ? 4 : 5,
              }),
          told ? label(point.x, point.y - 9, spoken, { class: "strong small", "text-anchor": "middle" }) : null,
        ];
      }),
    ),
    h("figcaption", {}, name),
  );
}

/** The score of a domain over the periods, between its limits. */
export function scoreTrend(text, result) {
  return trend({
    name: say("charts.score", { title: text.title }),
    points: result.history.map((one) => ({
      period: one.period,
      value: one.score,
      words: points(one.score),
      category: one.category,
    })),
    low: text.lowest,
    high: text.best,
    lines: [text.lowest, ...text.limits.map((limit) => limit.value), text.best].map((value) => ({
      value,
      words: String(value),
    })),
  });
}

const standing = (point) => point.in_force || point.category;

/** The category over the periods, the one in force where there is one. */
export function categoryTrend(text, result) {
  const worst = text.categories.length - 1;
  return trend({
    name: say(text.escalates ? "charts.in_force" : "charts.category", { title: text.title }),
    points: result.history.map((one) => {
      const place = rank(text.id, standing(one));
      return {
        period: one.period,
        value: place === null ? null : worst - place,
        words: standing(one),
        mark: " ",
        category: standing(one),
      };
    }),
    low: 0,
    high: worst,
    lines: text.categories.map((category, place) => ({ value: worst - place, words: category })),
    margin: 142,
  });
}

/** The value of an indicator over the periods, with the values at which its score changes. */
export function valueTrend(text, own) {
  const values = own.history.map((one) => one.value).filter((value) => value !== null);
  if (!values.length) return null;
  const all = [...values, ...text.limits.map((limit) => limit.value)];
  const pad = (Math.max(...all) - Math.min(...all)) * 0.12 || Math.abs(all[0]) * 0.1 || 1;
  return trend({
    name: say("charts.value", { title: text.label }),
    points: own.history.map((one) => ({
      period: one.period,
      value: one.value,
      words: one.value === null ? say("none") : one.value_words,
    })),
    low: Math.min(...all) - pad,
    high: Math.max(...all) + pad,
    lines: text.limits.map((limit) => ({ value: limit.value, words: `${limit.score}: ${limit.words}` })),
    margin: text.limits.length ? 118 : 10,
  });
}

/** A small line over the periods for a table: the score, or without one the category. */
export function sparkline(text, result) {
  const scored = isScored(text);
  const worst = text.categories.length - 1;
  const [low, high] = scored ? [text.lowest, text.best] : [0, worst];
  const y = scale(low, high, 23, 5);
  const x = scale(0, Math.max(result.history.length - 1, 1), 5, 75);
  const placed = result.history.map((one, place) => {
    const found = rank(text.id, standing(one));
    const value = scored ? one.score : found === null ? null : worst - found;
    return { x: x(place), y: value === null ? null : y(value), words: scored ? points(one.score) : standing(one) };
  });
  const last = placed.findLast((point) => point.y !== null);
  return image(
    "sparkline",
    80,
    28,
    `${text.title}: ${placed.map((point) => point.words).join(", ")}`,
    runs(placed).map((run) => s("path", { class: "line", d: path(run) })),
    last ? s("circle", { class: "dot", cx: last.x.toFixed(1), cy: last.y.toFixed(1), r: 3.5 }) : null,
  );
}
