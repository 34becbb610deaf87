// What is shown changes under a person's hands. Nodes stay the same nodes where they mean the same, so that focus, an open
// menu, typed text and scrolling stay; and nothing is redrawn while a finger is on it.

let pressed = null, waiting = null, later = () => {};

export const redrawWith = (draw) => { later = draw; };

addEventListener("pointerdown", (event) => { pressed = event.target.closest?.("button, a, label, input") ?? null; }, true);
for (const kind of ["pointerup", "pointercancel", "dragend", "blur"]) {
  // The click comes after pointerup, in the same turn.
  addEventListener(kind, () => setTimeout(() => { pressed = null; if (waiting) settle(); }), true);
}

function settle() { clearTimeout(waiting); waiting = null; later(); }

// True while a button in there is held down or a menu is open.
function inUse(node) {
  const busy = (pressed?.isConnected && node.contains(pressed)) || node.querySelector("select:open");
  if (busy) { clearTimeout(waiting); waiting = setTimeout(settle, 150); }
  return Boolean(busy);
}

// entries: [{key, sign, build}] in order. Only what has another `sign` than before is built again. Gives the new nodes.
export function show(box, entries) {
  const old = new Map([...box.children].map((node) => [node.key, node]));
  const fresh = [];
  const nodes = entries.map(({ key, sign, build }) => {
    const there = old.get(key);
    if (there && (there.sign === sign || inUse(there))) return there;
    const node = build();
    node.key = key;
    if (!there) fresh.push(node);
    else become(there, node);
    (there ?? node).sign = sign;
    return there ?? node;
  });
  place(box, nodes);
  return fresh;
}

export function fill(parent, ...nodes) {
  children(parent, nodes.flat(Infinity).filter(Boolean));
}

function place(parent, nodes) {
  const kept = new Set(nodes);
  for (const node of [...parent.childNodes]) if (!kept.has(node)) node.remove();
  let at = parent.firstChild;
  for (const node of nodes) {
    if (node === at) { at = at.nextSibling; continue; }
    if (node.isConnected && parent.moveBefore) parent.moveBefore(node, at);
    else parent.insertBefore(node, at);
  }
}

const sort = (node) => node.key ?? `${node.nodeName}.${node.classList?.[0] ?? ""}`;

function children(parent, wanted) {
  const old = new Map();
  for (const node of parent.childNodes) old.set(sort(node), [...(old.get(sort(node)) ?? []), node]);
  place(parent, wanted.map((node) => {
    const there = old.get(sort(node))?.shift();
    return there && there.nodeName === node.nodeName ? become(there, node) : node;
  }));
}

function become(node, wanted) {
  if (node === wanted) return node;
  if (node.nodeType !== Node.ELEMENT_NODE) {
    if (node.data !== wanted.data) node.data = wanted.data;
    return node;
  }
  for (const { name } of [...node.attributes]) if (!wanted.hasAttribute(name)) node.removeAttribute(name);
  for (const { name, value } of wanted.attributes) if (node.getAttribute(name) !== value) node.setAttribute(name, value);
  for (const handler of ["onclick", "onchange", "onsubmit", "onkeydown", "onmousedown"]) node[handler] = wanted[handler];
  node.key = wanted.key;
  if (node.disabled !== wanted.disabled) node.disabled = wanted.disabled;
  children(node, [...wanted.childNodes]);
  // What a person has entered stays; only another beginning begins anew.
  if (node.given !== wanted.given) { node.given = wanted.given; node.value = wanted.given ?? ""; }
  return node;
}
