// A rich_text block → nodes (docs.slack.dev/reference/block-kit/blocks/rich-text-block). Its text is literal.

import { link, make } from "./dom.js";
import { emoji } from "./emoji.js";
import { code, date, mention } from "./mrkdwn.js";

const MARKS = { code: "code", bold: "b", italic: "em", strike: "s", underline: "u", highlight: "mark" };

export function rich(block) {
  const parts = block.elements.flatMap(part);
  return parts.length === 1 ? parts[0] : make("div", { class: "rich" }, parts);
}

function part(one) {
  switch (one.type) {
    case "rich_text_section": return [make("p", {}, one.elements.map(span))];
    case "rich_text_preformatted": return [code(one.elements.map((piece) => piece.text ?? piece.url ?? "").join(""))];
    case "rich_text_quote": return [make("blockquote", {}, one.elements.map(span))];
    case "rich_text_list": return [list(one)];
    default: return [];
  }
}

function list(one) {
  const items = one.elements.map((item) => make("li", {}, item.elements.map(span)));
  const indent = one.indent ? `deep deep-${Math.min(one.indent, 8)}` : undefined;
  return one.style === "ordered" ? make("ol", { class: indent, start: String((one.offset ?? 0) + 1) }, items) : make("ul", { class: indent }, items);
}

function span(one) {
  let node = bare(one);
  for (const [name, tag] of Object.entries(MARKS)) if (one.style?.[name]) node = make(tag, {}, node);
  return node;
}

function bare(one) {
  switch (one.type) {
    case "link": return link(one.url, one.text || one.url);
    case "user": return mention("@", one.user_id);
    case "usergroup": return mention("@", one.usergroup_id);
    case "channel": return mention("#", one.channel_id);
    case "broadcast": return mention("@", one.range);
    case "date": return date(one.timestamp, one.format, one.fallback ?? "", one.url);
    case "emoji": return emoji(one.name, one.unicode);
    case "color": return make("code", {}, one.value);
    default: return one.text ?? "";
  }
}
