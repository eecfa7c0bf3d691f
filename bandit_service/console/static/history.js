// A small picture of how the strategies' shares have moved: bands that add up to the whole.

import { colour } from "./colours.js";
import { draw, make, show } from "./dom.js";

const WIDTH = 360;
const HEIGHT = 150;
const POINTS = 120;

/** The shares of each step, scaled so that they add up to 1. */
function shares(weights, names) {
  const total = names.reduce((sum, name) => sum + Math.max(0, weights[name] ?? 0), 0);
  return names.map((name) => (total ? Math.max(0, weights[name] ?? 0) / total : 0));
}

/** Without a last step that has only begun: a few decisions say little of the shares. */
function finished(steps) {
  const [before, previous, last] = steps.slice(-3).map((step) => step.decisions);
  return steps.length > 3 && last - previous < (previous - before) / 2 ? steps.slice(0, -1) : steps;
}

/** Each step's shares averaged with its neighbours': single steps jump, as exploring does. */
function smooth(rows) {
  const reach = Math.min(2, Math.floor(rows.length / 8));
  return rows.map((row, at) => {
    const near = rows.slice(Math.max(0, at - reach), at + reach + 1);
    return row.map((_, place) => near.reduce((sum, other) => sum + other[place], 0) / near.length);
  });
}

/** At most POINTS of the items, the first and the last among them. */
function thin(items) {
  if (items.length <= POINTS) return items;
  const stride = (items.length - 1) / (POINTS - 1);
  return Array.from({ length: POINTS }, (_, index) => items[Math.round(index * stride)]);
}

function bands(decisions, rows, names) {
  const first = decisions[0];
  const span = decisions[decisions.length - 1] - first || 1;
  const x = decisions.map((count) => ((count - first) / span) * WIDTH);
  const floor = rows.map(() => 0);
  return names.map((name, place) => {
    const low = [...floor];
    rows.forEach((row, index) => (floor[index] += row[place]));
    const top = x.map((at, index) => `${at.toFixed(1)},${(floor[index] * HEIGHT).toFixed(1)}`);
    const bottom = x.map((at, index) => `${at.toFixed(1)},${(low[index] * HEIGHT).toFixed(1)}`).reverse();
    return draw("path", { class: "band", d: `M${top.join("L")}L${bottom.join("L")}Z`, vars: { "--c": colour(name) } }, draw("title", {}, name));
  });
}

function change(now, then) {
  const points = Math.round((now - then) * 100);
  return points === 0 ? "±0" : points > 0 ? `+${points}` : `−${-points}`;
}

/** Draw the history of `policy` in `node`; says so while there is none. */
export function showHistory(node, policy) {
  const steps = finished((policy.history ?? []).filter((step) => step.weights));
  if (!steps.length) {
    show(node, make("p", { class: "fine" }, "Nothing has been learnt yet. Search, choose something, and watch this space."));
    return;
  }
  const names = [...new Set(steps.flatMap((step) => Object.keys(step.weights)))].sort();
  const rows = smooth(steps.map((step) => shares(step.weights, names)));
  const then = rows[0];
  const now = rows[rows.length - 1];
  const order = names.map((name, index) => ({ name, now: now[index], then: then[index] })).sort((a, b) => b.now - a.now);
  const told = order.map(({ name, now: share, then: before }) => `${name} ${Math.round(before * 100)} to ${Math.round(share * 100)} percent`);
  // A single step is drawn as one that stayed.
  const places = thin(rows.length > 1 ? rows.map((_, index) => index) : [0, 0]);
  const decisions = places.map((place, index) => steps[place].decisions + (rows.length > 1 ? 0 : index));
  show(
    node,
    make(
      "figure",
      { class: "history" },
      draw(
        "svg",
        { viewBox: `0 0 ${WIDTH} ${HEIGHT}`, preserveAspectRatio: "none", role: "img", "aria-label": `Shares of the weight: ${told.join(", ")}` },
        bands(decisions, places.map((place) => rows[place]), names),
      ),
      make("figcaption", {}, make("span", {}, `${steps[0].decisions} decisions`), make("span", {}, `${steps[steps.length - 1].decisions} decisions`)),
    ),
    make(
      "ul",
      { class: "legend" },
      order.map(({ name, now: share, then: before }) =>
        make(
          "li",
          { vars: { "--c": colour(name) } },
          make("span", { class: "swatch", "aria-hidden": "true" }),
          make("span", { class: "what" }, name),
          make("b", {}, `${Math.round(share * 100)} %`),
          make("span", { class: "delta", title: "points since the start" }, change(share, before)),
        ),
      ),
    ),
  );
}
