// Highlighted fragments: HTML-escaped text in which only the marks are tags. Read, never inserted:
// the browser gets text nodes and <mark> elements.

import { make } from "./dom.js";

const NAMED = { amp: "&", lt: "<", gt: ">", quot: '"', apos: "'" };

function unescaped(text) {
  return text.replace(/&(#x[0-9a-f]+|#\d+|\w+);/gi, (whole, name) => {
    if (!name.startsWith("#")) return NAMED[name] ?? whole;
    const code = name[1].toLowerCase() === "x" ? parseInt(name.slice(2), 16) : parseInt(name.slice(1), 10);
    return code <= 0x10ffff ? String.fromCodePoint(code) : whole;
  });
}

/** The nodes of a fragment: what stands between tags is marked. */
export function marked(fragment) {
  let inside = false;
  const nodes = [];
  for (const part of fragment.split(/(<[^>]*>)/)) {
    if (part.startsWith("<")) inside = !part.startsWith("</");
    else if (part) nodes.push(inside ? make("mark", {}, unescaped(part)) : unescaped(part));
  }
  return nodes;
}

/** `text` with its words marked, if a fragment of exactly this text is among `fragments`. */
export function markedText(text, fragments) {
  const found = (fragments ?? []).find((fragment) => unescaped(fragment.replace(/<[^>]*>/g, "")) === text);
  return found ? marked(found) : [text];
}
