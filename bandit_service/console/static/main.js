// The page's one piece of state, and what changes it.

import * as api from "./api.js";
import { ACTIONS, card, nameOf } from "./cards.js";
import { colourStrategies } from "./colours.js";
import { showDecision, showStrategies } from "./decision.js";
import { find, make, show } from "./dom.js";
import { showHistory } from "./history.js";
import { glide, movement, placesOf } from "./movement.js";
import { eventId, renew, session } from "./session.js";

const SIZE = 10;
const EXAMPLES = 8;
const REFRESH_MS = 3000;
const NARROW = "(max-width: 62rem)";

const state = {
  query: "",
  type: null, // the chosen kind, or null for all
  types: [], // kinds seen in answers so far
  answer: null, // the last first page
  hits: [],
  before: null, // ids of the page before this one, for the same question
  done: new Map(), // id → actions taken in this session
  request: null, // AbortController of the search under way
};

// All strategies, asked for once, before anything is drawn: so each keeps its colour everywhere.
// Null where they could not be had; the page works without.
const strategies = api.strategies().then(
  (answer) => {
    colourStrategies(answer.strategies.map(({ name }) => name));
    return answer.strategies;
  },
  () => null,
);

// ---- searching ---------------------------------------------------------------------------------

async function run({ again = false, note = true } = {}) {
  if (!state.query) return home();
  state.request?.abort();
  const request = (state.request = new AbortController());
  if (note) remember();
  find("hero").hidden = true;
  find("toast").hidden = true;
  find("results").setAttribute("aria-busy", "true");
  if (!again) waiting();
  const places = placesOf(find("results"));
  try {
    await strategies;
    const answer = await api.search(
      { query: state.query, session: session(), size: SIZE, ...(state.type ? { types: [state.type] } : {}) },
      request.signal,
    );
    state.before = again ? state.hits.map((hit) => hit.id) : null;
    state.answer = answer;
    state.hits = answer.hits;
    state.next = SIZE;
    render();
    if (again) glide(find("results"), places);
  } catch (error) {
    if (error.name !== "AbortError") failed(error);
  } finally {
    if (state.request === request) find("results").removeAttribute("aria-busy");
  }
  refresh();
}

async function more() {
  const button = find("more");
  const { answer } = state;
  button.disabled = true;
  try {
    const page = await api.search({
      query: state.query,
      session: session(),
      size: SIZE,
      from: state.next, // a place in the ranked list: entities that are gone take places too
      query_id: answer.query_id,
      ...(state.type ? { types: [state.type] } : {}),
    });
    if (state.answer !== answer) return; // another question was answered meanwhile
    const first = state.hits.length;
    state.hits = [...state.hits, ...page.hits];
    find("results").append(...page.hits.map((hit, index) => one(hit, first + index + 1)));
    state.next += SIZE;
    button.hidden = state.next >= answer.total;
    count();
    find("results").children[first]?.querySelector(".title").focus();
  } catch (error) {
    notice(error.message, error.advice, ["Try again", more]);
  } finally {
    button.disabled = false;
  }
}

function one(hit, position, moved) {
  return card(hit, position, state.done.get(hit.id) ?? new Set(), moved?.get(hit.id), act);
}

// ---- showing -----------------------------------------------------------------------------------

function render() {
  const { answer, hits } = state;
  const moved = movement(state.before, hits.map((hit) => hit.id));
  show(find("results"), hits.map((hit, index) => one(hit, index + 1, moved)));
  show(find("notice"));
  degraded(answer.degraded ?? []);
  if (!hits.length) nothing();
  find("more").hidden = state.next >= answer.total;
  kinds();
  count();
  find("decision-title").textContent = "How this was retrieved";
  showDecision(find("decision"), answer);
}

function count() {
  const { answer, hits } = state;
  const again = state.before ? " · changes marked" : "";
  find("status").textContent = hits.length ? `${hits.length} of ${answer.total} in ${Math.round(answer.took_ms)} ms${again}` : "";
}

function kinds() {
  for (const { type } of state.hits) if (type && !state.types.includes(type)) state.types.push(type);
  state.types.sort();
  const tab = (type, label) =>
    make("button", { type: "button", "aria-pressed": String(state.type === type), data: { type: type ?? "" }, on: { click: () => choose(type) } }, label);
  find("types").hidden = state.types.length < 2 && !state.type;
  show(find("types"), tab(null, "all"), state.types.map((type) => tab(type, type)));
}

function choose(type) {
  if (state.type === type) return;
  state.type = type;
  run();
}

function waiting() {
  show(find("notice"));
  find("status").textContent = "Searching …";
  find("more").hidden = true;
  show(find("results"), Array.from({ length: 5 }, () => make("li", { class: "card ghost", "aria-hidden": "true" }, make("span", { class: "tile" }), make("span", { class: "lines" }))));
}

function notice(title, advice, action, kind = "error") {
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

function failed(error) {
  show(find("results"));
  find("more").hidden = true;
  find("status").textContent = "";
  notice(error instanceof api.ApiError ? error.message : "This page has a fault.", error.advice ?? String(error), ["Try again", () => run()]);
}

function degraded(names) {
  const strategies = names.map((entry) => (typeof entry === "string" ? entry : (entry.strategy ?? JSON.stringify(entry))));
  if (strategies.length) notice(`Answered without: ${strategies.join(", ")}`, "This failed or was late this time; the rest answered. The sidecar's log says why.", null, "degraded");
}

function nothing() {
  notice("Nothing found.", state.type ? "There is nothing of this kind. Try all kinds." : "Try fewer or other words; misspelt ones are fine.", state.type ? ["All kinds", () => choose(null)] : null, "empty");
}

function home() {
  Object.assign(state, { answer: null, hits: [], before: null, type: null });
  for (const id of ["results", "notice", "types"]) show(find(id));
  find("types").hidden = true;
  find("more").hidden = true;
  find("status").textContent = "";
  find("hero").hidden = false;
  document.title = "ltrr · search that learns how to retrieve";
  strategies.then((known) => {
    if (state.answer || !known) return;
    find("decision-title").textContent = "What can be asked";
    showStrategies(find("decision"), known);
  });
}

// ---- choosing ----------------------------------------------------------------------------------

async function act(action, hit, position, undo) {
  const event = {
    query_id: state.answer.query_id,
    object_id: hit.id,
    action,
    position,
    event_id: eventId(),
    timestamp: new Date().toISOString(),
  };
  try {
    await api.feedback(event);
  } catch (error) {
    undo?.();
    toast(`That was not noted: ${error.message}`);
    return;
  }
  if (action === "click") return toast(`Noted that you opened “${nameOf(hit)}”.`, true);
  if (!state.done.has(hit.id)) state.done.set(hit.id, new Set());
  state.done.get(hit.id).add(action);
  toast(`${ACTIONS.find((entry) => entry.action === action).done}: “${nameOf(hit)}”.`, true);
}

let toastTimer = 0;

function toast(text, offer = false) {
  clearTimeout(toastTimer);
  show(
    find("toast"),
    make("span", { dir: "auto" }, text),
    offer ? make("button", { type: "button", id: "again", on: { click: () => run({ again: true }) } }, "Search again") : null,
  );
  find("toast").hidden = false;
  toastTimer = setTimeout(() => (find("toast").hidden = true), offer ? 15000 : 6000);
}

// ---- learning, seen from outside ---------------------------------------------------------------

async function refresh() {
  const pulse = find("pulse");
  try {
    await strategies;
    const policy = await api.policy();
    const last = policy.history?.at(-1);
    showHistory(find("history"), policy);
    pulse.dataset.state = "well";
    find("pulse-text").textContent = `policy ${policy.version}${last ? ` · ${last.decisions} decisions` : ""}`;
  } catch {
    pulse.dataset.state = "away";
    find("pulse-text").textContent = "sidecar away";
  }
}

function keepFresh() {
  if (document.visibilityState === "visible") refresh();
  setTimeout(keepFresh, REFRESH_MS);
}

/** Which kinds there are, before anything was searched: those of what is popular. */
function lookAround() {
  api.search({ query: "", size: 100, learn: false }).then(
    ({ hits }) => {
      for (const { type } of hits) if (type && !state.types.includes(type)) state.types.push(type);
      if (state.answer) kinds();
    },
    () => {}, // The kinds of the first answer will do.
  );
}

// ---- address, keyboard, start ------------------------------------------------------------------

function remember() {
  const address = new URL("/", location.origin);
  address.searchParams.set("q", state.query);
  if (state.type) address.searchParams.set("type", state.type);
  if (address.href !== location.href) history.pushState(null, "", address);
  document.title = `${state.query} · ltrr`;
}

function recall() {
  const wanted = new URLSearchParams(location.search);
  const query = (wanted.get("q") ?? "").trim();
  state.query = query;
  state.type = wanted.get("type");
  find("query").value = query;
  run({ note: false });
}

function ask(query) {
  const asked = query.trim();
  const same = asked === state.query && state.answer && !state.type;
  state.query = asked;
  state.type = null;
  find("query").value = asked;
  if (!asked) history.pushState(null, "", "/");
  run({ again: Boolean(same) });
}

function someoneNew() {
  renew();
  state.done.clear();
  find("session").textContent = session().slice(0, 8);
  toast("You are someone new now: nothing you chose before is remembered as yours.");
  if (state.answer) run({ again: true });
}

function start() {
  find("search").addEventListener("submit", (event) => {
    event.preventDefault();
    ask(find("query").value);
  });
  find("more").addEventListener("click", more);
  find("renew").addEventListener("click", someoneNew);
  addEventListener("popstate", recall);
  addEventListener("keydown", (event) => {
    const writing = event.target.closest?.("input, textarea, select");
    if (event.key === "/" && !writing && !event.ctrlKey && !event.metaKey && !event.altKey) {
      event.preventDefault();
      find("query").select();
    }
  });
  find("session").textContent = session().slice(0, 8);
  if (matchMedia(NARROW).matches) for (const id of ["decision-panel", "history-panel"]) find(id).open = false;
  api.examples().then(
    ({ examples }) => {
      find("examples").hidden = !examples.length;
      show(find("examples"), examples.slice(0, EXAMPLES).map((query) => make("button", { type: "button", dir: "auto", on: { click: () => ask(query) } }, query)));
    },
    () => {}, // Examples are a courtesy: without them the box is still there.
  );
  recall();
  keepFresh();
  lookAround();
}

start();
