// The list of results: flat, or kind by kind under headings. Places count through either way.

import { make, show } from "./dom.js";

/** Replace the cards in `node`; `one(hit)` makes a card. With `groups` there is a heading for each. */
export function showHits(node, { hits, groups }, one) {
  show(node, groups ? groups.flatMap((group) => [heading(group), ...group.hits.map(one)]) : hits.map(one));
}

/** Go on with a later page, and return its first card, if it has any. */
export function addHits(node, { hits, groups }, one) {
  const there = node.children.length;
  node.append(...(groups ? groups.flatMap((group) => [heading(group), ...group.hits.map(one)]) : hits.map(one)));
  return [...node.children].slice(there).find((child) => child.matches(".card"));
}

/** Cards to come. */
export function showGhosts(node, count) {
  show(node, Array.from({ length: count }, () => make("li", { class: "card ghost", "aria-hidden": "true" }, make("span", { class: "tile" }), make("span", { class: "lines" }))));
}

function heading({ type, hits }) {
  return make("li", { class: "kind", data: { kind: type } }, make("h2", {}, type || "other", make("span", {}, String(hits.length))));
}
