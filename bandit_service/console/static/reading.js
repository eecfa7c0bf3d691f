// How the query was read: each reading of some of its words as a chip.

import { make, show } from "./dom.js";

const SHOWN = 8;

/** Show the readings of `understanding` in `node`; there may be none. */
export function showReading(node, understanding) {
  const slots = [...(understanding?.slots ?? [])].sort((a, b) => b.likelihood - a.likelihood).slice(0, SHOWN);
  node.hidden = !slots.length;
  show(
    node,
    make("span", { class: "label" }, "Read as"),
    make(
      "ul",
      { class: "readings", "aria-label": "How the words were read" },
      slots.map(({ role, value, words, likelihood }) => {
        const share = `${Math.round(likelihood * 100)} %`;
        return make(
          "li",
          { data: { role }, vars: { "--likely": likelihood.toFixed(2) }, title: `“${words}” as ${role} “${value}”, likelihood ${share}` },
          make("span", { class: "words" }, words),
          make("span", { "aria-hidden": "true" }, "→"),
          make("b", { dir: "auto" }, value),
          make("span", { class: "role" }, role.replaceAll("_", " ")),
          make("span", { class: "share" }, share),
        );
      }),
    ),
  );
}
