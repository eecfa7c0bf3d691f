// How the query was read: each reading of some of its words as a chip.

import { make, show } from "./dom.js";

const SHOWN = 6;

/** One chip for each value that the same words may mean, with the parts that it may play. */
function merged(slots) {
  const chips = new Map();
  for (const { role, value, words, likelihood } of slots) {
    const key = `${words}\n${value}`;
    const chip = chips.get(key) ?? { value, words, roles: [], likelihood: 0 };
    if (!chip.roles.includes(role)) chip.roles.push(role);
    chip.likelihood = Math.max(chip.likelihood, likelihood);
    chips.set(key, chip);
  }
  return [...chips.values()].sort((a, b) => b.likelihood - a.likelihood).slice(0, SHOWN);
}

/** Show in `node` how `understanding` read the words, if at all; `ask` searches for others. */
export function showReading(node, understanding, ask) {
  const chips = merged(understanding?.slots ?? []);
  const corrected = understanding?.corrected;
  node.hidden = !chips.length && !corrected;
  show(
    node,
    corrected && make("span", { class: "label" }, "Did you mean"),
    corrected && make("button", { type: "button", class: "corrected", dir: "auto", on: { click: () => ask(corrected) } }, corrected),
    chips.length > 0 && make("span", { class: "label" }, "Read as"),
    chips.length > 0 && make(
      "ul",
      { class: "readings", "aria-label": "How the words were read" },
      chips.map(({ roles, value, words, likelihood }) => {
        const role = roles.join(", ").replaceAll("_", " ");
        const share = `${Math.round(likelihood * 100)} %`;
        return make(
          "li",
          { data: { role: roles[0] }, vars: { "--likely": likelihood.toFixed(2) }, title: `“${words}” as ${role} “${value}”, likelihood ${share}` },
          make("span", { class: "words" }, words),
          make("span", { "aria-hidden": "true" }, "→"),
          make("b", { dir: "auto" }, value),
          make("span", { class: "role" }, role),
          make("span", { class: "share" }, share),
        );
      }),
    ),
  );
}
