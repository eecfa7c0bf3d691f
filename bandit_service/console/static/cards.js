// One hit as a card: what it is, what brought it, and what can be done with it.

import { OWN, RULE, colour, hue, turn } from "./colours.js";
import { make } from "./dom.js";
import { icon } from "./icons.js";
import { marked, markedText } from "./marks.js";

const CHIPS = 6;

export const ACTIONS = [
  { action: "play", label: "Play", done: "Played" },
  { action: "like", label: "Like", done: "Liked" },
  { action: "favourite", label: "Favourite", done: "Favourite" },
  { action: "dislike", label: "Not this", done: "Disliked" },
];

const list = (value) => (value === undefined || value === null ? [] : Array.isArray(value) ? value : [value]).map(String);

/** What a card calls an entity: its name where it has one, else its id. */
export function nameOf(hit) {
  return list(hit.source?.name)[0] ?? hit.id;
}

function monogram(name) {
  const words = name.split(/[\s\-–—/]+/u).filter((word) => /[\p{L}\p{N}]/u.test(word));
  const first = (word) => [...word].find((char) => /[\p{L}\p{N}]/u.test(char)) ?? "";
  if (!words.length) return "·";
  return words.length > 1 ? first(words[0]) + first(words[words.length - 1]) : first(words[0]);
}

function tile(hit) {
  const vars = { "--hue": hue(hit.type ?? ""), "--turn": `${turn(hit.id)}deg` };
  return make("span", { class: "tile", "aria-hidden": "true", vars }, monogram(nameOf(hit)));
}

function badge(moved) {
  if (!moved) return null;
  const [sign, words] = {
    up: [`▲ ${moved.places}`, `${moved.places} higher than before`],
    down: [`▼ ${moved.places}`, `${moved.places} lower than before`],
    new: ["new", "not on the page before"],
  }[moved.kind];
  return make("span", { class: "moved", data: { kind: moved.kind }, title: words, "aria-label": words, role: "img" }, sign);
}

function alike(hit) {
  const count = hit.collapsed?.length ?? 0;
  if (!count) return null;
  const words = `stands for ${count} more that ${count === 1 ? "looks" : "look"} the same`;
  return make("span", { class: "moved", data: { kind: "alike" }, title: words, "aria-label": words, role: "img" }, `+${count} alike`);
}

const bare = (text) => text.replace(/<[^>]*>/g, "").toLowerCase().replace(/[^\p{L}\p{N}]/gu, "");

/** Where the words were found in fields that the card does not show otherwise. */
function snippet(marks, name) {
  const shown = ["name", "by", "part_of"];
  const elsewhere = Object.entries(marks).filter(([field, [first]]) => !shown.includes(field) && bare(first) !== bare(name));
  if (!elsewhere.length) return null;
  const [field, [fragment]] = elsewhere[elsewhere.length - 1];
  return make("p", { class: "snippet", dir: "auto", data: { field } }, marked(fragment));
}

function chips(source) {
  const all = [
    ...list(source.categories).map((text) => ["category", text]),
    ...list(source.attributes).map((text) => ["attribute", text]),
  ];
  if (!all.length) return null;
  const rest = all.slice(CHIPS).map(([, text]) => text);
  return make(
    "ul",
    { class: "chips", "aria-label": "Categories and attributes" },
    all.slice(0, CHIPS).map(([kind, text]) => make("li", { data: { kind } }, text)),
    rest.length ? make("li", { class: "rest", title: rest.join(", ") }, `+${rest.length}`) : null,
  );
}

const NAMES = { [OWN]: "your choice", [RULE]: "by rule" };
const TOLD = { [OWN]: "You chose it for this query before", [RULE]: "A rule pinned or boosted it" };

function provenance(hit) {
  const brought = [...(hit.provenance ?? [])].sort((a, b) => a.rank - b.rank);
  if (!brought.length) return null;
  return make(
    "ul",
    { class: "provenance", "aria-label": "Brought by" },
    brought.map(({ strategy, rank, score }) =>
      make(
        "li",
        { vars: { "--c": colour(strategy) }, data: { strategy, rank }, title: TOLD[strategy] ?? `${strategy} ranked it ${rank}, score ${Number(score).toPrecision(3)}` },
        make("span", {}, NAMES[strategy] ?? strategy),
        NAMES[strategy] ? null : make("b", {}, `#${rank}`),
      ),
    ),
  );
}

/** A field's value for people: lists as words, relations as how many there are of each. */
function told(value) {
  if (value === null || typeof value !== "object" || Array.isArray(value)) return list(value).join(", ");
  return Object.entries(value)
    .map(([name, inner]) => `${name}: ${Array.isArray(inner) && inner.length > 3 ? inner.length : list(inner).join(", ")}`)
    .join(" · ");
}

function details(hit) {
  const source = hit.source ?? {};
  const shown = Object.entries(source).filter(([field, value]) => !["name", "type"].includes(field) && told(value));
  const rows = [...shown, ["id", hit.id], ["score", Number(hit.score).toPrecision(4)]];
  return make(
    "dl",
    { class: "details", hidden: true },
    rows.map(([field, value]) => [
      make("dt", {}, field.replaceAll("_", " ")),
      make("dd", {}, told(value)),
    ]).flat(),
  );
}

/**
 * The card of `hit` at `position` (1 is the top). `done` is the set of actions taken on it before,
 * `moved` how it moved (or undefined), `act(action, hit, position)` is called for each action.
 */
export function card(hit, position, done, moved, act) {
  const source = hit.source ?? {};
  const name = nameOf(hit);
  const marks = hit.highlight ?? {};
  const about = [
    ...list(source.by).slice(0, 3).map((text) => markedText(text, marks.by)),
    ...list(source.part_of).slice(0, 1).map((text) => markedText(text, marks.part_of)),
    ...list(source.published).slice(0, 1).map((text) => [text]),
  ];
  const more = details(hit);
  more.id = `details-${position}`;
  const title = make(
    "button",
    {
      type: "button",
      class: "title",
      dir: "auto",
      "aria-expanded": "false",
      "aria-controls": more.id,
      on: {
        click: () => {
          more.hidden = !more.hidden;
          title.setAttribute("aria-expanded", String(!more.hidden));
          if (!more.hidden) act("click", hit, position);
        },
      },
    },
    make("span", {}, markedText(name, marks.name)),
    icon("open"),
  );
  const buttons = ACTIONS.map(({ action, label, done: past }) => {
    const taken = done.has(action);
    const button = make(
      "button",
      {
        type: "button",
        class: "action",
        data: { action },
        "aria-pressed": String(taken),
        "aria-label": `${taken ? past : label}: ${name}`,
        title: taken ? past : label,
        on: {
          click: () => {
            if (button.getAttribute("aria-pressed") === "true") return;
            button.setAttribute("aria-pressed", "true");
            act(action, hit, position, () => button.setAttribute("aria-pressed", "false"));
          },
        },
      },
      icon(action),
    );
    return button;
  });
  return make(
    "li",
    { class: "card", data: { id: hit.id, type: hit.type ?? "" } },
    make("span", { class: "position", "aria-hidden": "true" }, String(position)),
    tile(hit),
    make(
      "article",
      { class: "body", "aria-label": `${position}: ${name}` },
      make(
        "h3",
        {},
        title,
        hit.type ? make("span", { class: "type", vars: { "--hue": hue(hit.type) } }, hit.type) : null,
        badge(moved),
        alike(hit),
      ),
      about.length ? make("p", { class: "about", dir: "auto" }, about.flatMap((nodes, index) => (index ? [" · ", ...nodes] : nodes))) : null,
      snippet(marks, name),
      chips(source),
      provenance(hit),
      more,
    ),
    make("div", { class: "actions", role: "group", "aria-label": `What to do with ${name}` }, buttons),
  );
}
