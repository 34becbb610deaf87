// Slack's mrkdwn → nodes (docs.slack.dev/messaging/formatting-message-text).

import { channel, nameOf } from "./api.js";
import { dayOf, link, make, time } from "./dom.js";
import { emoji, withEmoji } from "./emoji.js";

const TOKEN = /```([\s\S]+?)```|`([^`\n]+)`|<([^<>\n]+)>|(?<![\w*])\*(?=\S)([^*\n]+?)(?<=\S)\*(?![\w*])|(?<![\w_])_(?=\S)([^_\n]+?)(?<=\S)_(?![\w_])|(?<![\w~])~(?=\S)([^~\n]+?)(?<=\S)~(?![\w~])|:([a-z0-9_+'-]+):|(?:^|(?<=\n))((?:(?:&gt;|>)[^\n]*(?:\n|$))+)/g;
const DATES = {
  "{time}": { hour: "2-digit", minute: "2-digit" },
  "{time_secs}": { hour: "2-digit", minute: "2-digit", second: "2-digit" },
  "{date}": { day: "numeric", month: "long", year: "numeric" },
  "{date_num}": { year: "numeric", month: "2-digit", day: "2-digit" },
  "{date_slash}": { year: "numeric", month: "2-digit", day: "2-digit" },
  "{date_short}": { day: "numeric", month: "short", year: "numeric" },
  "{date_long}": { weekday: "long", day: "numeric", month: "long", year: "numeric" },
};
const DAY = 86_400, LAST_SECOND = 8.64e12;

export const plain = (text) => text.replace(/&lt;/g, "<").replace(/&gt;/g, ">").replace(/&amp;/g, "&");

export function date(seconds, format, fallback, address) {
  if (!Number.isFinite(seconds) || Math.abs(seconds) > LAST_SECOND) return fallback || format;
  const shown = format.replace(/\{(\w+?)(_pretty)?\}/g, (part, name, pretty) => {
    const near = pretty && nearDay(seconds);
    return near || (DATES[`{${name}}`] ? time(seconds, DATES[`{${name}}`]) : part);
  });
  const node = make("time", { datetime: new Date(seconds * 1000).toISOString(), title: dayOf(seconds) }, shown);
  return address ? link(address, node) : node;
}

function nearDay(seconds) {
  const now = Date.now() / 1000, its = dayOf(seconds);
  return its === dayOf(now) ? "today" : its === dayOf(now - DAY) ? "yesterday" : its === dayOf(now + DAY) ? "tomorrow" : null;
}

export function mention(kind, id, label) {
  const name = kind === "#" ? channel(id)?.name ?? label ?? id : nameOf(id) !== id ? nameOf(id) : label ?? id;
  return make("span", { class: "mention" }, `${kind}${plain(name).replace(/^[@#]/, "")}`);
}

function angled(inside) {
  const [head, label] = inside.split(/\|(.*)/s);
  if (head.startsWith("@")) return mention("@", head.slice(1), label);
  if (head.startsWith("#")) return mention("#", head.slice(1), label);
  if (head.startsWith("!date^")) {
    const [, seconds, format = "", address] = head.split("^");
    return date(Number(seconds), plain(format), plain(label ?? ""), address && plain(address));
  }
  if (head.startsWith("!subteam^")) return mention("@", head.split("^")[1], label);
  if (head.startsWith("!")) return mention("@", head.slice(1), label);
  return link(plain(head), plain(label ?? head).replace(/^mailto:/, ""));
}

export function code(text) {
  const rows = text.replace(/^\n|\n$/g, "").split("\n");
  return make("pre", { tabindex: "0" }, rows.map((row) => make("i", { class: row.startsWith("→ ") ? "here" : undefined }, row || " ")));
}

export function mrkdwn(text) {
  const nodes = [];
  let at = 0;
  for (const found of text.matchAll(TOKEN)) {
    if (found.index > at) nodes.push(plain(text.slice(at, found.index)));
    at = found.index + found[0].length;
    const [, block, inline, angle, bold, italic, strike, name, quote] = found;
    if (block !== undefined) nodes.push(code(plain(block)));
    else if (inline !== undefined) nodes.push(make("code", {}, plain(inline)));
    else if (angle !== undefined) nodes.push(angled(angle));
    else if (bold !== undefined) nodes.push(make("b", {}, mrkdwn(bold)));
    else if (italic !== undefined) nodes.push(make("em", {}, mrkdwn(italic)));
    else if (strike !== undefined) nodes.push(make("s", {}, mrkdwn(strike)));
    else if (quote !== undefined) nodes.push(make("blockquote", {}, mrkdwn(quote.replace(/\n$/, "").replace(/^(?:&gt;|>) ?/gm, ""))));
    else nodes.push(emoji(name));
  }
  if (at < text.length) nodes.push(plain(text.slice(at)));
  return nodes;
}

export function textOf(object) {
  if (!object) return [];
  if (object.type === "mrkdwn") return mrkdwn(object.text);
  return [object.emoji === false ? object.text : withEmoji(object.text)];
}
