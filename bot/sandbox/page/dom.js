// Nodes are built, never parsed: foreign text stays text.

const PROPERTIES = new Set(["value", "checked", "disabled", "hidden", "key"]);

// Handlers and `value` are kept as properties, so that `become` in live.js can carry them over to a node that stays.
export function make(tag, attributes = {}, ...children) {
  const node = document.createElement(tag);
  const kept = children.flat(Infinity).filter((child) => child !== null && child !== undefined && child !== "" && child !== false);
  node.append(...kept);
  for (const [name, value] of Object.entries(attributes)) {
    if (value === undefined || value === null || value === false) continue;
    if (name === "class") node.className = value;
    else if (name.startsWith("on") || PROPERTIES.has(name)) node[name] = value;
    else node.setAttribute(name, value === true ? "" : value);
    if (name === "value") node.given = value;
  }
  return node;
}

export function safe(address) {
  return /^(https?:|mailto:)/i.test(address ?? "") ? address : "about:blank";
}

export function link(address, ...children) {
  return make("a", { href: safe(address), target: "_blank", rel: "noopener noreferrer" }, ...children);
}

export function time(seconds, options) {
  return new Date(seconds * 1000).toLocaleString("en-GB", options);
}

export const clock = (ts) => time(Number(ts), { hour: "2-digit", minute: "2-digit" });
export const dayOf = (seconds) => time(seconds, { weekday: "long", day: "numeric", month: "long", year: "numeric" });
