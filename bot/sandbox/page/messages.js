// One message: who, when, what; its card, its files, its thread.

import { current, nameOf, post, user } from "./api.js";
import { blocks } from "./blocks.js";
import { confirm } from "./dialog.js";
import { clock, make } from "./dom.js";
import { mrkdwn } from "./mrkdwn.js";

const TONES = { "🔴": "red", "🟠": "amber", "🟢": "green", "🟣": "violet" };
const STATUS = { firing: "red", acknowledged: "amber", resolved: "green" };

export function tone(message) {
  const payload = message.metadata?.event_type === "hangbot_alert" ? message.metadata.event_payload : null;
  const first = message.blocks?.find((block) => block.type === "section")?.text?.text ?? "";
  return TONES[[...first][0]] ?? (payload ? STATUS[payload.status] : "") ?? "";
}

// options: me, channel, open(ts) for threads, problem(text), only (an ephemeral), flash
export function message(one, options) {
  const bot = Boolean(one.bot_id);
  const act = async (element, value) => {
    if (element.confirm && !(await confirm(element.confirm))) return;
    const answer = await post("press", { user: options.me, channel: options.channel, ts: one.ts, action_id: element.action_id, value });
    options.problem(answer.ok ? "" : answer.error);
  };
  const shown = one.blocks?.length
    ? make("div", { class: `card ${tone(one)}${options.flash ? " flash" : ""}` }, blocks(one.blocks, act))
    : make("div", { class: "said" }, mrkdwn(one.text ?? ""));
  const sender = bot ? "hangbot" : nameOf(one.user);
  return make("article", { "data-ts": one.ts },
    make("div", { class: `face${bot ? " bot" : ""}`, "aria-hidden": "true" }, (sender ?? "?")[0]),
    make("div", {},
      options.only && make("div", { class: "only" }, "Only you see this"),
      make("span", { class: "who" }, user(one.user)?.name ?? sender), bot && make("span", { class: "tag" }, "app"),
      make("span", { class: "when" }, clock(one.ts)), one.edited && make("span", { class: "edited" }, "edited"),
      shown, (one.files ?? []).map(file), thread(one, options)));
}

function file(one) {
  const size = one.size > 2048 ? `${Math.round(one.size / 1024)} kB` : `${one.size} B`;
  return make("a", { class: "file", href: one.url_private ?? "#", target: "_blank", rel: "noopener" }, one.title ?? one.name, make("span", {}, size));
}

function thread(one, options) {
  const replies = (one.replies ?? []).filter((reply) => reply.text || reply.blocks?.length);
  if (!options.open || !(one.replies ?? []).length) return null;
  const count = one.replies.length;
  const said = replies[0] ? `: ${short(replies[0])}` : "";
  return make("button", { class: "replies", onclick: () => options.open(one.ts) }, `${count} ${count === 1 ? "reply" : "replies"}${said}`);
}

const short = (reply) => { const text = reply.text.split("\n")[0]; return text.length > 90 ? `${text.slice(0, 89)}…` : text; };

export function firing(channel) {
  return channel.messages.filter((one) => one.metadata?.event_type === "hangbot_alert" && one.metadata.event_payload.status === "firing").length;
}

export const ephemerals = (me, channel) => current().ephemerals.filter((one) => one.user === me && one.channel === channel);
