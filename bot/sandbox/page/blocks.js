// Block Kit → nodes. `act(element, value, block)` is called when somebody presses or picks.

import { link, make, safe } from "./dom.js";
import { control } from "./inputs.js";
import { mrkdwn, textOf } from "./mrkdwn.js";
import { rich } from "./richtext.js";

export function blocks(list, act) {
  return (list ?? []).map((block, number) => render(block, act, number)).filter(Boolean);
}

function render(block, act, number) {
  switch (block.type) {
    case "section": return section(block, act, number);
    case "header": return make("h3", {}, textOf(block.text));
    case "context": return make("div", { class: "context" }, block.elements.map((one) => one.type === "image"
      ? make("img", { src: one.image_url, alt: one.alt_text, height: "16" }) : make("span", {}, textOf(one))));
    case "divider": return make("hr");
    case "image": return image(block);
    case "actions": return make("div", { class: "actions" }, block.elements.map((one) => element(one, act, block)));
    case "rich_text": return rich(block);
    case "markdown": return make("p", {}, mrkdwn(block.text.replace(/\*\*(.+?)\*\*/g, "*$1*").replace(/^#+ +(.+)$/gm, "*$1*")));
    case "table": return table(block);
    case "video": return make("p", {}, link(block.title_url ?? block.video_url, textOf(block.title)));
    default: return make("p", { class: "context" }, `(${block.type}: not shown here)`);
  }
}

function section(block, act, number) {
  const parts = [];
  const headline = number === 0 && block.text?.type === "mrkdwn" && /^\S*\s?\*/u.test(block.text.text);
  if (block.text) parts.push(make(headline ? "h3" : "p", {}, textOf(block.text)));
  if (block.fields) parts.push(make("div", { class: "fields" }, block.fields.map((one) => make("div", {}, textOf(one)))));
  if (block.accessory) parts.push(make("div", { class: "actions" }, element(block.accessory, act, block)));
  return parts.length === 1 ? parts[0] : make("div", { class: block.accessory ? "section" : "" }, parts);
}

function image(block) {
  const source = block.image_url ?? block.slack_file?.url;
  return make("figure", {}, block.title && make("figcaption", { class: "context" }, textOf(block.title)),
    make("img", { class: "block", src: source && safe(source), alt: block.alt_text }));
}

function table(block) {
  const cell = (one) => one.type === "rich_text" ? rich(one) : one.text ?? String(one.value ?? "");
  const rows = block.rows.map((row, number) => make("tr", {}, row.map((one, column) => make(number ? "td" : "th",
    { class: block.column_settings?.[column]?.align }, cell(one)))));
  return make("div", { class: "table", tabindex: "0" }, make("table", {}, rows));
}

// Keyed by its action: an edited card keeps the very button that somebody looks at.
export function element(one, act, block) {
  if (one.type === "image") return make("img", { src: one.image_url, alt: one.alt_text, height: "36" });
  if (one.type !== "button") return control(one, (value) => act(one, value, block));
  const go = () => { if (one.url) window.open(safe(one.url), "_blank", "noopener"); act(one, one.value, block); };
  return make("button", { type: "button", key: `${one.action_id} ${one.value ?? ""}`, class: one.style, "aria-label": one.accessibility_label, onclick: go },
    textOf(one.text));
}
