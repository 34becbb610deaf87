// Block Kit → nodes. `act(element, value)` is called when somebody presses or picks.

import { link, make } from "./dom.js";
import { code, date, mention, mrkdwn, textOf } from "./mrkdwn.js";

export function blocks(list, act) {
  return (list ?? []).map((block, number) => render(block, act, number)).filter(Boolean);
}

function render(block, act, number) {
  switch (block.type) {
    case "section": return section(block, act, number);
    case "header": return make("h3", {}, block.text.text);
    case "context": return make("div", { class: "context" }, block.elements.map((one) => one.type === "image"
      ? make("img", { src: one.image_url, alt: one.alt_text, height: "16" }) : textOf(one)));
    case "divider": return make("hr");
    case "image": return make("figure", { style: "margin:0" }, make("img", { class: "block", src: block.image_url ?? block.slack_file?.url, alt: block.alt_text }));
    case "actions": return make("div", { class: "actions" }, block.elements.map((one) => element(one, act)));
    case "rich_text": return rich(block);
    case "markdown": return make("p", {}, mrkdwn(block.text.replace(/\*\*(.+?)\*\*/g, "*$1*")));
    default: return null;
  }
}

function section(block, act, number) {
  const parts = [];
  if (block.text) parts.push(make(number === 0 && block.text.type === "mrkdwn" && /^\S*\s?\*/u.test(block.text.text) ? "h3" : "p", {}, textOf(block.text)));
  if (block.fields) parts.push(make("div", { class: "fields" }, block.fields.map((one) => make("div", {}, textOf(one)))));
  if (block.accessory) parts.push(make("div", { class: "actions" }, element(block.accessory, act)));
  return parts.length === 1 ? parts[0] : make("div", {}, parts);
}

function rich(block) {
  const parts = block.elements.map((one) => {
    if (one.type === "rich_text_section") return make("p", {}, one.elements.map(span));
    if (one.type === "rich_text_preformatted") return code(one.elements.map((part) => part.text ?? part.url ?? "").join(""));
    if (one.type === "rich_text_quote") return make("blockquote", {}, one.elements.map(span));
    if (one.type === "rich_text_list") {
      return make(one.style === "ordered" ? "ol" : "ul", {}, one.elements.map((item) => make("li", {}, item.elements.map(span))));
    }
    return null;
  }).filter(Boolean);
  return parts.length === 1 ? parts[0] : make("div", {}, parts);
}

function span(part) {
  let node;
  switch (part.type) {
    case "link": node = link(part.url, part.text ?? part.url); break;
    case "user": node = mention("@", part.user_id); break;
    case "usergroup": node = mention("@", part.usergroup_id); break;
    case "channel": node = mention("#", part.channel_id); break;
    case "broadcast": node = mention("@", part.range); break;
    case "date": node = date(part.timestamp, part.format, part.fallback ?? ""); break;
    case "emoji": node = part.unicode ? String.fromCodePoint(...part.unicode.split("-").map((one) => parseInt(one, 16))) : `:${part.name}:`; break;
    default: node = part.text ?? "";
  }
  const style = part.style ?? {};
  if (style.code) node = make("code", {}, node);
  if (style.bold) node = make("b", {}, node);
  if (style.italic) node = make("em", {}, node);
  if (style.strike) node = make("s", {}, node);
  return node;
}

export function element(one, act) {
  switch (one.type) {
    case "button":
      if (one.url) return link(one.url, one.text.text);
      return make("button", { class: one.style, onclick: () => act(one, one.value) }, one.text.text);
    case "static_select": case "overflow": return picker(one, act);
    case "datepicker": case "timepicker":
      return make("input", { type: one.type === "datepicker" ? "date" : "time", "aria-label": one.placeholder?.text ?? one.action_id,
        value: one.initial_date ?? one.initial_time ?? "", onchange: (event) => act(one, event.target.value) });
    case "image": return make("img", { src: one.image_url, alt: one.alt_text, height: "36" });
    default: return make("span", { class: "context" }, `(${one.type})`);
  }
}

function picker(one, act) {
  const label = one.placeholder?.text ?? "More";
  const groups = one.option_groups ?? [{ options: one.options ?? [] }];
  const select = make("select", { "aria-label": label, onchange: () => { const value = select.value; select.value = ""; act(one, value); } },
    make("option", { value: "", hidden: true }, label),
    groups.flatMap((group) => group.options.map((option) => make("option", { value: option.value }, option.text.text))));
  select.value = "";
  return select;
}
