// Colours from names: the same kind of entity has the same colour everywhere, and so has a strategy.

const PLACES = 10; // --s0 … --s9 in base.css
/** What the API calls the session's own choices, where it says what brought a hit. */
export const OWN = "session";
/** … and what rules of people put there. */
export const RULE = "rule";

const HUES = 9;
const places = new Map();
const hues = new Map();

/** A hue (0..359) for a kind of entity: nine hues far apart, taken twice only by a tenth kind. */
export function hue(kind) {
  if (!hues.has(kind)) {
    const taken = new Set(hues.values());
    let slot = hash(kind) % HUES;
    for (let tries = 0; tries < HUES && taken.has(slot); tries += 1) slot = (slot + 4) % HUES;
    hues.set(kind, slot);
  }
  return hues.get(kind) * (360 / HUES) + 8;
}

/** A direction (0..359 degrees) that differs from entity to entity. */
export function turn(id) {
  return hash(id) % 360;
}

function hash(text) {
  let value = 2166136261; // FNV-1a
  for (const char of text) value = Math.imul(value ^ char.codePointAt(0), 16777619) >>> 0;
  return value;
}

/** Give the strategies their colours in the order of their names, so that they keep them. */
export function colourStrategies(names) {
  for (const name of [...names].sort()) if (!places.has(name)) places.set(name, places.size % PLACES);
}

/** The CSS colour of a strategy; the session's own choices have the page's. */
export function colour(strategy) {
  if (strategy === OWN) return "var(--accent)";
  if (strategy === RULE) return "var(--ink)";
  if (!places.has(strategy)) places.set(strategy, places.size % PLACES);
  return `var(--s${places.get(strategy)})`;
}
