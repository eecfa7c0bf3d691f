// What the page says to a person: notices above the results, and a toast that goes away.

import { find, make, show } from "./dom.js";

export function notice(title, advice, action, kind = "error") {
  show(
    find("notice"),
    make(
      "div",
      { class: "message", data: { kind }, role: kind === "error" ? "alert" : null },
      make("p", {}, make("b", {}, title)),
      advice ? make("p", {}, advice) : null,
      action ? make("button", { type: "button", on: { click: action[1] } }, action[0]) : null,
    ),
  );
}

let timer = 0;

/** Say `text` for a while; `again`, where given, is offered as “Search again”. */
export function toast(text, again) {
  clearTimeout(timer);
  show(
    find("toast"),
    make("span", { dir: "auto" }, text),
    again ? make("button", { type: "button", id: "again", on: { click: again } }, "Search again") : null,
  );
  find("toast").hidden = false;
  timer = setTimeout(() => (find("toast").hidden = true), again ? 15000 : 6000);
}
