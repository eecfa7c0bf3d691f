// Facets: how many of all that matches have which value, and narrowing down by them.

import { make, show } from "./dom.js";

const SHOWN = 12;

/** The facet that tells the kinds of the hits: those have their own row of buttons. */
export function kindFacet(answer) {
  const kinds = answer.hits.map(({ type }) => type);
  return Object.keys(answer.facets ?? {}).find((field) => {
    const values = new Set(answer.facets[field].map(({ value }) => value));
    return kinds.length && kinds.every((kind) => values.has(kind));
  });
}

/**
 * Show the facets of `answer` in `node`. `chosen` maps fields to the values that are filtered by;
 * `toggle(field, value)` is called when one is chosen or let go.
 */
export function showFacets(node, answer, chosen, toggle) {
  const skip = kindFacet(answer);
  const fields = Object.keys(answer.facets ?? {}).filter((field) => field !== skip);
  const groups = fields.map((field) => group(field, answer.facets[field], chosen[field] ?? [], toggle));
  show(node, groups);
  node.closest("details").hidden = !groups.some(Boolean);
}

function group(field, counts, chosen, toggle) {
  const gone = chosen.filter((value) => !counts.some((one) => String(one.value) === value));
  const rows = [...gone.map((value) => ({ value, count: 0 })), ...counts.slice(0, SHOWN)];
  if (!rows.length) return null;
  const name = field.replaceAll("_", " ");
  return make(
    "div",
    { class: "facet", role: "group", "aria-label": name, data: { field } },
    make("h3", {}, name),
    rows.map(({ value, count }) =>
      make(
        "button",
        {
          type: "button",
          data: { value },
          dir: "auto",
          "aria-pressed": String(chosen.includes(String(value))),
          on: { click: () => toggle(field, String(value)) },
        },
        make("span", {}, String(value)),
        make("b", {}, String(count)),
      ),
    ),
  );
}
