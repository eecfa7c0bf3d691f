// Suggestions under the search box: a combobox with a listbox, as the ARIA practices describe it.

import * as api from "./api.js";
import { make, show } from "./dom.js";

const WAIT_MS = 120;
const SIZE = 8;

/** Offer suggestions for what is typed in `box`, in `list`; `pick(text)` is called for one chosen. */
export function offer(box, list, pick) {
  let timer = 0;
  let request = null;
  let shown = [];
  let at = -1; // the active option, -1 for what was typed
  let typed = "";

  function close() {
    clearTimeout(timer);
    request?.abort();
    shown = [];
    at = -1;
    list.hidden = true;
    show(list);
    box.setAttribute("aria-expanded", "false");
    box.removeAttribute("aria-activedescendant");
  }

  function activate(next) {
    at = next;
    [...list.children].forEach((option, index) => option.setAttribute("aria-selected", String(index === at)));
    box.value = at < 0 ? typed : shown[at].text;
    if (at < 0) box.removeAttribute("aria-activedescendant");
    else box.setAttribute("aria-activedescendant", list.children[at].id);
  }

  function open(suggestions) {
    shown = suggestions;
    at = -1;
    show(
      list,
      suggestions.map(({ text, kind, type }, index) =>
        make(
          "li",
          {
            id: `suggestion-${index}`,
            role: "option",
            "aria-selected": "false",
            data: { kind },
            // Before the box loses the focus, which would close the list.
            on: { mousedown: (event) => (event.preventDefault(), choose(text)) },
          },
          make("span", { dir: "auto" }, text),
          make("small", {}, kind === "query" ? "others asked" : type),
        ),
      ),
    );
    list.hidden = !suggestions.length;
    box.setAttribute("aria-expanded", String(suggestions.length > 0));
    box.removeAttribute("aria-activedescendant");
  }

  function choose(text) {
    close();
    pick(text);
  }

  async function ask() {
    request?.abort();
    request = new AbortController();
    try {
      const { suggestions } = await api.suggest({ query: typed, size: SIZE }, request.signal);
      if (box.value === typed && document.activeElement === box) open(suggestions);
    } catch {
      // A courtesy: without suggestions one can type on.
    }
  }

  box.addEventListener("input", () => {
    typed = box.value;
    close();
    if (typed.trim()) timer = setTimeout(ask, WAIT_MS);
  });
  box.addEventListener("keydown", (event) => {
    if (event.isComposing) return;
    if (event.key === "Escape" && !list.hidden) {
      event.preventDefault();
      box.value = typed;
      close();
    } else if ((event.key === "ArrowDown" || event.key === "ArrowUp") && shown.length) {
      event.preventDefault();
      const step = event.key === "ArrowDown" ? 1 : -1;
      activate(((at + 1 + step + shown.length + 1) % (shown.length + 1)) - 1);
    } else if (event.key === "Enter") {
      close(); // the form takes what stands in the box
    }
  });
  box.addEventListener("blur", close);
  return close;
}
