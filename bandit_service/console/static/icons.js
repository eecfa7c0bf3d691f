// Icons, drawn as strokes on a 24 × 24 grid in the colour of the text around them.

import { draw } from "./dom.js";

const PATHS = {
  play: ["M7 4.5v15l12-7.5z"],
  like: ["M7 11v9H4v-9z", "M7 11l4-7.500c1.600 0 2.600 1.200 2.300 2.800L12.700 10H18a2 2 0 0 1 2 2.400l-1.200 6A2 2 0 0 1 16.800 20H7"],
  dislike: ["M17 13V4h3v9z", "M17 13l-4 7.500c-1.600 0-2.600-1.200-2.300-2.800l.6-3.700H6a2 2 0 0 1-2-2.400l1.200-6A2 2 0 0 1 7.200 4H17"],
  favourite: ["M12 20S4 15.300 4 9.500A4.300 4.300 0 0 1 12 7.200a4.300 4.300 0 0 1 8 2.300C20 15.300 12 20 12 20z"],
  open: ["M6 9.500l6 6 6-6"],
};

export function icon(name) {
  return draw(
    "svg",
    { viewBox: "0 0 24 24", width: 20, height: 20, class: "icon", "aria-hidden": "true", focusable: "false" },
    PATHS[name].map((path) => draw("path", { d: path })),
  );
}
