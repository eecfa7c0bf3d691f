// The page's one piece of state, and what changes it.

import * as address from "./address.js";
import * as api from "./api.js";
import { ACTIONS, card, nameOf } from "./cards.js";
import { colourStrategies } from "./colours.js";
import { showDecision, showStrategies } from "./decision.js";
import { find, make, show } from "./dom.js";
import { kindFacet, showFacets } from "./facets.js";
import { addHits, showGhosts, showHits } from "./list.js";
import { notice, toast } from "./messages.js";
import { glide, movement, placesOf } from "./movement.js";
import { keepFresh, refresh } from "./pulse.js";
import { showReading } from "./reading.js";
import { eventId, renew, session } from "./session.js";
import { offer } from "./suggest.js";

const SIZE = 10;
const EXAMPLES = 8;
const NARROW = "(max-width: 62rem)";
const TITLE = "ltrr · search that learns how to retrieve";

const state = {
  query: "", // empty: the start page, with what is liked, new and yours
  type: null, // the chosen kind, or null for all
  layout: "mixed",
  filters: {}, // field → chosen values
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

/** What is asked of the sidecar; the start page shows each kind's best. */
function question() {
  return {
    query: state.query,
    session: session(),
    size: SIZE,
    layout: state.query ? state.layout : "grouped",
    highlight: true,
    facets: true,
    ...(state.type ? { types: [state.type] } : {}),
    ...(Object.keys(state.filters).length ? { filters: state.filters } : {}),
  };
}

async function run({ again = false, note = true } = {}) {
  state.request?.abort();
  const request = (state.request = new AbortController());
  if (note) address.remember(state);
  document.title = state.query ? `${state.query} · ltrr` : TITLE;
  find("hero").hidden = Boolean(state.query);
  find("toast").hidden = true;
  find("results").setAttribute("aria-busy", "true");
  if (!again) waiting();
  const places = placesOf(find("results"));
  try {
    await strategies;
    const answer = await api.search(question(), request.signal);
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
  refresh(strategies);
}

async function more() {
  const button = find("more");
  const { answer } = state;
  button.disabled = true;
  try {
    // From a place in the ranked list: entities that are gone take places too.
    const page = await api.search({ ...question(), facets: false, from: state.next, query_id: answer.query_id });
    if (state.answer !== answer) return; // another question was answered meanwhile
    const places = state.hits.length;
    state.hits = [...state.hits, ...page.hits];
    const first = addHits(find("results"), page, (hit) => one(hit, places + page.hits.indexOf(hit) + 1));
    state.next += SIZE;
    button.hidden = state.next >= answer.total;
    count();
    first?.querySelector(".title").focus();
  } catch (error) {
    notice(error.message, error.advice, ["Try again", more]);
  } finally {
    button.disabled = false;
  }
}

function one(hit, place, moved) {
  return card(hit, hit.position ?? place, state.done.get(hit.id) ?? new Set(), moved?.get(hit.id), act);
}

// ---- showing -----------------------------------------------------------------------------------

function render() {
  const { answer, hits } = state;
  const moved = movement(state.before, hits.map((hit) => hit.id));
  const places = new Map(hits.map((hit, index) => [hit.id, index + 1]));
  showHits(find("results"), answer, (hit) => one(hit, places.get(hit.id), moved));
  show(find("notice"));
  degraded(answer.degraded ?? []);
  if (!hits.length) nothing();
  find("more").hidden = !state.query || state.next >= answer.total;
  kinds();
  count();
  showReading(find("reading"), state.query ? answer.understanding : null, ask);
  showFacets(find("facets"), state.query ? answer : { hits: [], facets: {} }, state.filters, narrow);
  if (!state.query) return known();
  find("decision-title").textContent = "How this was retrieved";
  showDecision(find("decision"), answer);
}

function count() {
  const { answer, hits } = state;
  const again = state.before ? " · changes marked" : "";
  find("status").textContent = hits.length ? `${hits.length} of ${answer.total} in ${Math.round(answer.took_ms)} ms${again}` : "";
}

function kinds() {
  const counted = state.answer.facets?.[kindFacet(state.answer)] ?? [];
  for (const type of [...counted.map(({ value }) => value), ...state.hits.map((hit) => hit.type)])
    if (type && !state.types.includes(type)) state.types.push(type);
  state.types.sort();
  const tab = (type, label) =>
    make("button", { type: "button", "aria-pressed": String(state.type === type), data: { type: type ?? "" }, on: { click: () => choose(type) } }, label);
  find("types").hidden = state.types.length < 2 && !state.type;
  show(find("types"), tab(null, "all"), state.types.map((type) => tab(type, type)));
  for (const button of find("layouts").children) button.setAttribute("aria-pressed", String(button.dataset.layout === state.layout));
}

function choose(type) {
  if (state.type === type) return;
  state.type = type;
  run();
}

function lay(layout) {
  if (state.layout === layout) return;
  state.layout = layout;
  run();
}

function narrow(field, value) {
  const chosen = state.filters[field] ?? [];
  const left = chosen.includes(value) ? chosen.filter((one) => one !== value) : [...chosen, value];
  const { [field]: _, ...others } = state.filters;
  state.filters = left.length ? { ...others, [field]: left } : others;
  run();
}

function waiting() {
  show(find("notice"));
  find("reading").hidden = true;
  find("status").textContent = "Searching …";
  find("more").hidden = true;
  showGhosts(find("results"), 5);
}

function failed(error) {
  show(find("results"));
  find("more").hidden = true;
  find("status").textContent = "";
  notice(error instanceof api.ApiError ? error.message : "This page has a fault.", error.advice ?? String(error), ["Try again", () => run()]);
}

function degraded(names) {
  const failing = names.map((entry) => (typeof entry === "string" ? entry : (entry.strategy ?? JSON.stringify(entry))));
  if (failing.length) notice(`Answered without: ${failing.join(", ")}`, "This failed or was late this time; the rest answered. The sidecar's log says why.", null, "degraded");
}

function nothing() {
  if (Object.keys(state.filters).length) return notice("Nothing found.", "Nothing passes these filters.", ["Without filters", () => ((state.filters = {}), run())], "empty");
  notice("Nothing found.", state.type ? "There is nothing of this kind. Try all kinds." : "Try fewer or other words; misspelt ones are fine.", state.type ? ["All kinds", () => choose(null)] : null, "empty");
}

/** On the start page: what there is to ask. */
function known() {
  strategies.then((all) => {
    if (state.query || !all) return;
    find("decision-title").textContent = "What can be asked";
    showStrategies(find("decision"), all);
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
  const again = () => run({ again: true });
  if (action === "click") return toast(`Noted that you opened “${nameOf(hit)}”.`, again);
  if (!state.done.has(hit.id)) state.done.set(hit.id, new Set());
  state.done.get(hit.id).add(action);
  toast(`${ACTIONS.find((entry) => entry.action === action).done}: “${nameOf(hit)}”.`, again);
}

// ---- address, keyboard, start ------------------------------------------------------------------

function recall() {
  Object.assign(state, address.asked());
  find("query").value = state.query;
  known();
  run({ note: false });
}

function ask(query) {
  const asked = query.trim();
  const again = asked === state.query && state.answer && !state.type && !Object.keys(state.filters).length;
  state.query = asked;
  state.type = null;
  state.filters = {};
  find("query").value = asked;
  run({ again: Boolean(again) });
}

function someoneNew() {
  renew();
  state.done.clear();
  find("session").textContent = session().slice(0, 8);
  toast("You are someone new now: nothing you chose before is remembered as yours.");
  if (state.answer) run({ again: true });
}

function start() {
  const close = offer(find("query"), find("suggestions"), ask);
  find("search").addEventListener("submit", (event) => {
    event.preventDefault();
    close();
    ask(find("query").value);
  });
  find("more").addEventListener("click", more);
  for (const button of find("layouts").children) button.addEventListener("click", () => lay(button.dataset.layout));
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
  if (matchMedia(NARROW).matches) for (const id of ["facets-panel", "decision-panel", "history-panel"]) find(id).open = false;
  api.examples().then(
    ({ examples }) => {
      find("examples").hidden = !examples.length;
      show(find("examples"), examples.slice(0, EXAMPLES).map((query) => make("button", { type: "button", dir: "auto", on: { click: () => ask(query) } }, query)));
    },
    () => {}, // Examples are a courtesy: without them the box is still there.
  );
  recall();
  keepFresh(strategies);
}

start();
