// Slack's mrkdwn → nodes (docs.slack.dev/messaging/formatting-message-text).

import { channel, nameOf } from "./api.js";
import { link, make, time } from "./dom.js";

const EMOJI = { red_circle: "🔴", large_orange_circle: "🟠", large_green_circle: "🟢", large_purple_circle: "🟣", white_circle: "⚪",
  warning: "⚠️", white_check_mark: "✅", x: "❌", eyes: "👀", mag: "🔍", hourglass: "⏳", bell: "🔔", no_bell: "🔕" };
const TOKEN = /```([\s\S]+?)```|`([^`\n]+)`|<([^<>\n]+)>|(?<![\w*])\*(?=\S)([^*\n]+?)(?<=\S)\*(?![\w*])|(?<![\w_])_(?=\S)([^_\n]+?)(?<=\S)_(?![\w_])|(?<![\w~])~(?=\S)([^~\n]+?)(?<=\S)~(?![\w~])|:([a-z0-9_+-]+):/g;
const DATES = {
  "{time}": { hour: "2-digit", minute: "2-digit" },
  "{time_secs}": { hour: "2-digit", minute: "2-digit", second: "2-digit" },
  "{date}": { day: "numeric", month: "long", year: "numeric" },
  "{date_num}": { year: "numeric", month: "2-digit", day: "2-digit" },
  "{date_short}": { day: "numeric", month: "short", year: "numeric" },
  "{date_long}": { weekday: "long", day: "numeric", month: "long", year: "numeric" },
};

export const plain = (text) => text.replace(/&lt;/g, "<").replace(/&gt;/g, ">").replace(/&amp;/g, "&");

export function date(seconds, format, fallback) {
  const shown = format.replace(/_pretty/g, "").replace(/\{\w+\}/g, (part) => DATES[part] ? time(seconds, DATES[part]) : part);
  return make("time", { datetime: new Date(seconds * 1000).toISOString(), title: fallback }, shown);
}

export function mention(kind, id, label) {
  const name = kind === "#" ? channel(id)?.name ?? label ?? id : label ?? nameOf(id);
  return make("span", { class: "mention" }, `${kind}${name}`);
}

function angled(inside) {
  const [head, label] = inside.split(/\|(.*)/s);
  if (head.startsWith("@")) return mention("@", head.slice(1), label);
  if (head.startsWith("#")) return mention("#", head.slice(1), label);
  if (head.startsWith("!date^")) {
    const [, seconds, format] = head.split("^");
    return date(Number(seconds), format, label ?? "");
  }
  if (head.startsWith("!subteam^")) return mention("@", head.split("^")[1], label);
  if (head.startsWith("!")) return mention("@", head.slice(1), label);
  return link(plain(head), plain(label ?? head));
}

export function code(text) {
  const rows = text.replace(/^\n|\n$/g, "").split("\n");
  return make("pre", {}, rows.map((row) => make("i", { class: row.startsWith("→ ") ? "here" : undefined }, row || " ")));
}

export function mrkdwn(text) {
  const nodes = [];
  let at = 0;
  for (const found of text.matchAll(TOKEN)) {
    if (found.index > at) nodes.push(plain(text.slice(at, found.index)));
    at = found.index + found[0].length;
    const [whole, block, inline, angle, bold, italic, strike, emoji] = found;
    if (block !== undefined) nodes.push(code(plain(block)));
    else if (inline !== undefined) nodes.push(make("code", {}, plain(inline)));
    else if (angle !== undefined) nodes.push(angled(angle));
    else if (bold !== undefined) nodes.push(make("b", {}, mrkdwn(bold)));
    else if (italic !== undefined) nodes.push(make("em", {}, mrkdwn(italic)));
    else if (strike !== undefined) nodes.push(make("s", {}, mrkdwn(strike)));
    else nodes.push(EMOJI[emoji] ?? whole);
  }
  if (at < text.length) nodes.push(plain(text.slice(at)));
  return nodes;
}

export const textOf = (object) => !object ? [] : object.type === "mrkdwn" ? mrkdwn(object.text) : [object.text];
