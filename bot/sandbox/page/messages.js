// One message: who, when, what; its card, its files, its thread, and what went wrong with it.

import { current, nameOf, post, user } from "./api.js";
import { blocks } from "./blocks.js";
import { confirm } from "./dialog.js";
import { clock, make, safe } from "./dom.js";
import { withEmoji } from "./emoji.js";
import { mrkdwn, plain } from "./mrkdwn.js";

const TONES = { "🔴": "red", "🟠": "amber", "🟢": "green", "🟣": "violet" };
const STATUS = { firing: "red", acknowledged: "amber", resolved: "green" };

export function tone(message) {
  const payload = message.metadata?.event_type === "hangbot_alert" ? message.metadata.event_payload : null;
  const first = message.blocks?.find((block) => block.type === "section")?.text?.text ?? "";
  return TONES[[...first][0]] ?? (payload ? STATUS[payload.status] : "") ?? "";
}

// Which blocks a press could mean: an edited card has new block ids, so they are told only where they are needed.
function ambiguous(message, actionId) {
  const elements = (message.blocks ?? []).flatMap((block) => [block.accessory, ...(block.elements ?? [])]);
  return elements.filter((one) => one?.action_id === actionId).length > 1;
}

// options: me, channel, only (an ephemeral), flash, open(ts) for its thread, problem (words or null), under (actions under
// way), told(ts, words) of a failure, begun(ts, doing, yes)
export function message(one, options) {
  const bot = Boolean(one.bot_id);
  const act = async (element, value, block) => {
    if (element.confirm && !(await confirm(element.confirm))) return;
    // A double click is one press; another choice is another.
    const doing = `${element.action_id} ${value}`;
    if (!options.begun(one.ts, doing, true)) return;
    const place = ambiguous(one, element.action_id) ? { block_id: block.block_id } : {};
    const answer = await post("press", { user: options.me, channel: options.channel, ts: one.ts, action_id: element.action_id, value, ...place });
    options.begun(one.ts, doing, false);
    options.told(one.ts, answer.ok ? null : answer.error);
  };
  const sender = one.username ?? (bot ? "hangbot" : nameOf(one.user)) ?? "?";
  return make("article", { "data-ts": one.ts },
    make("div", { class: `face${bot ? " bot" : ""}`, "aria-hidden": "true" }, [...sender][0]),
    make("div", {},
      options.only && make("div", { class: "only" }, "Only you see this"),
      make("span", { class: "who" }, user(one.user)?.name ?? sender), bot && make("span", { class: "tag" }, "app"),
      make("time", { class: "when", datetime: new Date(Number(one.ts) * 1000).toISOString() }, clock(one.ts)),
      one.edited && make("span", { class: "edited" }, "edited"),
      content(one, options, act), (one.files ?? []).map(file),
      options.problem && make("p", { class: "problem", role: "alert" }, `That did not work: ${options.problem}`),
      thread(one, options)));
}

function content(one, options, act) {
  if (!one.blocks?.length) return make("div", { class: "said" }, mrkdwn(one.text ?? ""));
  try {
    return make("div", { class: `card ${tone(one)}${options.flash ? " flash" : ""}`, "aria-busy": options.under ? "true" : null }, blocks(one.blocks, act));
  } catch (error) {
    console.error(error);
    return make("div", { class: "said" }, mrkdwn(one.text ?? ""));
  }
}

function file(one) {
  const size = one.size > 2048 ? `${Math.round(one.size / 1024)} kB` : `${one.size} B`;
  return make("a", { class: "file", href: safe(one.url_private), target: "_blank", rel: "noopener" }, one.title ?? one.name, make("span", {}, size));
}

function thread(one, options) {
  const count = (one.replies ?? []).length;
  if (!options.open || !count) return null;
  const said = one.replies.find((reply) => reply.text);
  return make("button", { type: "button", class: "replies", onclick: () => options.open(one.ts) },
    `${count} ${count === 1 ? "reply" : "replies"}${said ? `: ${short(said)}` : ""}`);
}

export function short(one) {
  const text = withEmoji(plain((one.text ?? "").split("\n")[0].replace(/<@(\w+)>/g, (_, id) => `@${nameOf(id)}`)));
  return text.length > 90 ? `${text.slice(0, 89)}…` : text;
}

export function firing(channel) {
  return channel.messages.filter((one) => one.metadata?.event_type === "hangbot_alert" && one.metadata.event_payload.status === "firing").length;
}

export const ephemerals = (me, channel) => current().ephemerals.filter((one) => one.user === me && one.channel === channel)
  .map((one) => ({ ...one.message, only: true }));
