// Nodes are built, never parsed: foreign text stays text.

export function make(tag, attributes = {}, ...children) {
  const node = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) {
    if (value === undefined || value === null || value === false) continue;
    if (name === "class") node.className = value;
    else if (name.startsWith("on")) node.addEventListener(name.slice(2), value);
    else if (name === "value" || name === "checked" || name === "disabled" || name === "hidden") node[name] = value;
    else node.setAttribute(name, value === true ? "" : value);
  }
  node.append(...children.flat(Infinity).filter((child) => child !== null && child !== undefined && child !== ""));
  return node;
}

export function link(address, ...children) {
  const safe = /^(https?:|mailto:|\/)/i.test(address) ? address : "about:blank";
  return make("a", { href: safe, target: "_blank", rel: "noopener noreferrer" }, ...children);
}

export function time(seconds, options) {
  return new Date(seconds * 1000).toLocaleString("en-GB", options);
}

export const clock = (ts) => time(Number(ts), { hour: "2-digit", minute: "2-digit" });
