// "How this was retrieved": one row for each strategy that could have been asked.

import { colour } from "./colours.js";
import { make, show } from "./dom.js";

const percent = (share) => `${Math.round(share * 100)} %`;

function bar(value, text, words, tint) {
  const width = `${Math.max(0, Math.min(1, value || 0)) * 100}%`;
  return make(
    "td",
    { title: words },
    make("span", { class: "number" }, text),
    make("span", { class: "track", "aria-hidden": "true" }, make("span", { class: "fill", vars: { "--w": width, "--c": tint } })),
  );
}

function row(choice) {
  const tint = colour(choice.strategy);
  const { value, propensity, included, candidates, weight } = choice;
  return make(
    "tr",
    { data: { strategy: choice.strategy, included: String(included) } },
    make("th", { scope: "row", vars: { "--c": tint } }, make("span", { class: "swatch", "aria-hidden": "true" }), choice.strategy),
    bar(value, value.toFixed(2), "expected credit, 0 to 1", tint),
    bar(propensity, percent(propensity), "chance of being asked", tint),
    make("td", { class: "drawn", title: "how many candidates it may draw" }, included ? String(candidates) : "–"),
    bar(included ? weight : 0, included ? percent(weight) : "–", included ? "its say in the blend" : "not asked this time", tint),
  );
}

/** Show the decision of `answer` in `node`. */
export function showDecision(node, answer) {
  const choices = [...(answer.decision ?? [])].sort((a, b) => b.included - a.included || b.weight - a.weight || b.value - a.value);
  const asked = choices.filter((choice) => choice.included).length;
  show(
    node,
    make("p", { class: "summary" }, `${asked} of ${choices.length} strategies were asked, in one request.`),
    make(
      "table",
      { class: "decision" },
      make("thead", {}, make("tr", {}, ["strategy", "value", "chance", "drew", "weight"].map((text) => make("th", { scope: "col" }, text)))),
      make("tbody", {}, choices.map(row)),
    ),
    make(
      "p",
      { class: "fine" },
      `Value: what choosing it is expected to earn. Chance: how likely it was to be asked. Policy ${answer.policy_version ?? "unknown"}.`,
    ),
  );
}

/** Before any query: what there is to ask. */
export function showStrategies(node, strategies) {
  show(
    node,
    make("p", { class: "summary" }, `${strategies.length} strategies can draw candidates.`),
    make(
      "ul",
      { class: "strategies" },
      strategies.map(({ name, description }) =>
        make("li", { vars: { "--c": colour(name) } }, make("span", { class: "swatch", "aria-hidden": "true" }), make("b", {}, name), description ? make("span", {}, description) : null),
      ),
    ),
  );
}
