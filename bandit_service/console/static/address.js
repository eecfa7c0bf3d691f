// The page's address holds what was asked, so that it can be kept, sent and gone back to.

/** What the address asks: query, type (or null), layout, filters (field → values). */
export function asked() {
  const wanted = new URLSearchParams(location.search);
  const filters = {};
  for (const pair of wanted.getAll("f")) {
    const cut = pair.indexOf(":");
    if (cut > 0) (filters[pair.slice(0, cut)] ??= []).push(pair.slice(cut + 1));
  }
  return {
    query: (wanted.get("q") ?? "").trim(),
    type: wanted.get("type"),
    layout: wanted.get("layout") === "grouped" ? "grouped" : "mixed",
    filters,
  };
}

/** Put it there; what is there already makes no new step in the browser's history. */
export function remember({ query, type, layout, filters }) {
  const address = new URL("/", location.origin);
  if (query) {
    address.searchParams.set("q", query);
    if (type) address.searchParams.set("type", type);
    if (layout === "grouped") address.searchParams.set("layout", layout);
    for (const [field, values] of Object.entries(filters)) for (const value of values) address.searchParams.append("f", `${field}:${value}`);
  }
  if (address.href !== location.href) history.pushState(null, "", address);
}
