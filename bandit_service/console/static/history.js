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

/** At most POINTS steps, the first and the last among them. */
function thin(steps) {
  if (steps.length <= POINTS) return steps;
  const stride = (steps.length - 1) / (POINTS - 1);
  return Array.from({ length: POINTS }, (_, index) => steps[Math.round(index * stride)]);
}

function bands(steps, names) {
  const first = steps[0].decisions;
  const span = steps[steps.length - 1].decisions - first || 1;
  const x = steps.map((step) => ((step.decisions - first) / span) * WIDTH);
  const rows = steps.map((step) => shares(step.weights, names));
  const floor = steps.map(() => 0);
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
  const steps = thin((policy.history ?? []).filter((step) => step.weights));
  if (!steps.length) {
    show(node, make("p", { class: "fine" }, "Nothing has been learnt yet. Search, choose something, and watch this space."));
    return;
  }
  const names = [...new Set(steps.flatMap((step) => Object.keys(step.weights)))].sort();
  const whole = steps.length > 1 ? steps : [{ ...steps[0], decisions: steps[0].decisions - 1 }, steps[0]];
  const then = shares(whole[0].weights, names);
  const now = shares(whole[whole.length - 1].weights, names);
  const order = names.map((name, index) => ({ name, now: now[index], then: then[index] })).sort((a, b) => b.now - a.now);
  const told = order.map(({ name, now: share, then: before }) => `${name} ${Math.round(before * 100)} to ${Math.round(share * 100)} percent`);
  const last = whole[whole.length - 1].decisions;
  show(
    node,
    make(
      "figure",
      { class: "history" },
      draw(
        "svg",
        { viewBox: `0 0 ${WIDTH} ${HEIGHT}`, preserveAspectRatio: "none", role: "img", "aria-label": `Shares of the weight: ${told.join(", ")}` },
        bands(whole, names),
      ),
      make("figcaption", {}, make("span", {}, `${steps[0].decisions} decisions`), make("span", {}, `${last} decisions`)),
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
