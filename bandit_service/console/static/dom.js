// Building elements. Text always becomes a text node: nothing that a document or a person wrote
// can turn into markup.

const SVG = "http://www.w3.org/2000/svg";

function fill(node, properties, children) {
  for (const [name, value] of Object.entries(properties ?? {})) {
    if (value === undefined || value === null || value === false) continue;
    if (name === "on") {
      for (const [event, listener] of Object.entries(value)) node.addEventListener(event, listener);
    } else if (name === "vars") {
      for (const [variable, setting] of Object.entries(value)) node.style.setProperty(variable, setting);
    } else if (name === "data") {
      Object.assign(node.dataset, value);
    } else {
      node.setAttribute(name, value === true ? "" : String(value));
    }
  }
  node.append(...children.flat().filter((child) => child !== null && child !== undefined && child !== false));
  return node;
}

/** An HTML element: `make("p", {class: "x", on: {click}, vars: {"--hue": 3}}, "text", child)`. */
export function make(tag, properties, ...children) {
  return fill(document.createElement(tag), properties, children);
}

/** An SVG element, in the same way. */
export function draw(tag, properties, ...children) {
  return fill(document.createElementNS(SVG, tag), properties, children);
}

/** The element with this id, which the page has. */
export function find(id) {
  return document.getElementById(id);
}

/** Replace what is in `node`. */
export function show(node, ...children) {
  node.replaceChildren(...children.flat().filter(Boolean));
}
