// How a page differs from the page before it, for the same question.

/**
 * `before` and `after` are lists of ids in page order; `before` is null for the first page.
 * Returns id → {kind: "up" | "down" | "new", places} for what moved.
 */
export function movement(before, after) {
  const moved = new Map();
  if (!before) return moved;
  const old = new Map(before.map((id, index) => [id, index]));
  after.forEach((id, index) => {
    if (!old.has(id)) moved.set(id, { kind: "new", places: 0 });
    else if (index < old.get(id)) moved.set(id, { kind: "up", places: old.get(id) - index });
    else if (index > old.get(id)) moved.set(id, { kind: "down", places: index - old.get(id) });
  });
  return moved;
}

/** Let cards glide from where they were. `places` are id → top of the card before the change. */
export function glide(list, places) {
  if (matchMedia("(prefers-reduced-motion: reduce)").matches) return;
  for (const card of list.children) {
    const from = places.get(card.dataset.id);
    if (from === undefined) {
      card.animate([{ opacity: 0 }, { opacity: 1 }], { duration: 260, easing: "ease-out" });
      continue;
    }
    const distance = from - card.getBoundingClientRect().top;
    if (distance) {
      card.animate([{ transform: `translateY(${distance}px)` }, { transform: "none" }], {
        duration: 420,
        easing: "cubic-bezier(.2,.8,.2,1)",
      });
    }
  }
}

/** id → top of each card now, for `glide`. */
export function placesOf(list) {
  return new Map([...list.children].map((card) => [card.dataset.id, card.getBoundingClientRect().top]));
}
