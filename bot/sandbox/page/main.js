// The page: what is shown of the state, and who is looking.

import { channel, current, follow, post } from "./api.js";
import { composer } from "./composer.js";
import { showModals } from "./dialog.js";
import { dayOf, make, time } from "./dom.js";
import { fill, redrawWith, show } from "./live.js";
import { ephemerals, firing, message, short } from "./messages.js";

const FLASH = 1600, NEAR_END = 80;
const DOTS = { "🔴": "red", "🟠": "amber", "🟢": "green", "🟣": "violet", "⚪": "unknown" };
const $ = (id) => document.getElementById(id);
const view = { me: localStorage.getItem("me"), channel: null, thread: null, linked: true, run: "", seen: new Map(), greeted: new Set(),
  problems: new Map(), under: new Set() };

const people = () => current().users.filter((one) => !one.is_bot && one.id !== "USLACKBOT");
const rooms = () => current().channels.filter((one) => one.is_im ? one.user === view.me : one.members?.includes(view.me));

function choose() {
  if (!people().some((one) => one.id === view.me)) view.me = people()[0]?.id ?? null;
  if (!rooms().some((one) => one.id === view.channel)) view.channel = rooms()[0]?.id ?? null;
  if (view.run !== current().run) { view.run = current().run; view.greeted.clear(); view.seen.clear(); view.problems.clear(); }
  if (view.me && !view.greeted.has(view.me)) { view.greeted.add(view.me); post("home", { user: view.me }); }
}

function go(change) { Object.assign(view, change); choose(); draw(); }

function side() {
  const state = current();
  $("title").textContent = document.title = state.title ?? "sandbox";
  fill($("channels"), rooms().map((one) => {
    const count = firing(one), here = one.id === view.channel;
    return make("li", { key: one.id, class: here && "here" }, make("button", { type: "button", "aria-current": here && "page", onclick: () => go({ channel: one.id, thread: null }) },
      one.is_im ? "hangbot" : `# ${one.name}`, count ? make("span", { class: "more" }, `${count} firing`) : null));
  }));
  fill($("people"), people().map((one) => make("li", { key: one.id, class: one.id === view.me && "here" },
    make("button", { type: "button", "aria-pressed": String(one.id === view.me), onclick: () => { localStorage.setItem("me", one.id); go({ me: one.id }); } },
      one.name, one.note ? make("span", { class: "more" }, one.note) : null))));
  const lines = (state.home[view.me]?.blocks ?? []).map(lineOf).filter(Boolean);
  $("hosts-part").hidden = !lines.length;
  fill($("hosts"), lines.map(host));
  $("link").textContent = !view.linked ? "reconnecting …" : state.connected === 0 ? "hangbot is not connected" : "";
}

function lineOf(block) {
  if (block.text) return block.text.text;
  return block.elements?.[0]?.elements?.map((one) => one.text ?? "").join("") ?? "";
}

function host(text) {
  const mark = [...text][0];
  const [name, more] = (mark in DOTS ? text.slice(mark.length) : text).trim().split(" · ");
  return make("li", { key: name }, make("span", {}, make("i", { class: `dot ${DOTS[mark] ?? "unknown"}`, "aria-hidden": "true" }), name,
    more ? make("span", { class: "more", title: more }, more) : null));
}

// Tells whether a message was changed a moment ago, by what a reader sees of it.
function flashing(one) {
  const text = JSON.stringify([one.text, one.blocks?.length, one.metadata?.event_payload?.status]);
  const before = view.seen.get(one.ts);
  if (before?.text !== text) view.seen.set(one.ts, { text, at: before ? Date.now() : 0 });
  return Date.now() - view.seen.get(one.ts).at < FLASH;
}

function entry(one, open) {
  const flash = flashing(one), problem = view.problems.get(one.ts), under = [...view.under].some((key) => key.startsWith(one.ts));
  const { replies, ...said } = one;
  const sign = JSON.stringify([said, open && [replies?.length, replies?.[0]?.text], flash, problem, under, view.me]);
  const told = (ts, words) => { if (words) view.problems.set(ts, words); else view.problems.delete(ts); draw(); };
  const begun = (ts, doing, yes) => {
    const key = `${ts} ${doing}`;
    if (yes && view.under.has(key)) return false;
    if (yes) view.under.add(key); else view.under.delete(key);
    draw();
    return true;
  };
  return { key: one.ts, sign, build: () => message(one, { me: view.me, channel: view.channel, only: one.only, flash, problem, under, open, told, begun }) };
}

const inOrder = (list) => list.sort((a, b) => Number(a.ts) - Number(b.ts));
const words = (key, tag, text) => ({ key, sign: text, build: () => make("div", { class: tag }, text) });
const atEnd = (box) => box.scrollHeight - box.scrollTop - box.clientHeight < NEAR_END;

function stream() {
  const room = channel(view.channel), box = $("stream"), turned = box.dataset.room !== (view.channel ?? "");
  $("room").textContent = room ? (room.is_im ? "hangbot" : `# ${room.name}`) : "";
  const stay = !turned && !atEnd(box);
  const all = inOrder([...(room?.messages ?? []), ...ephemerals(view.me, view.channel).filter((one) => !one.thread_ts)]);
  const today = dayOf(Date.now() / 1000), entries = [];
  let day = "";
  for (const one of all) {
    const its = dayOf(Number(one.ts));
    if (its !== day) { day = its; entries.push(words(`day ${its}`, "day", its === today ? "Today" : time(Number(one.ts), { weekday: "long", day: "numeric", month: "long" }))); }
    entries.push(entry(one, one.only ? null : openThread));
  }
  if (!all.length) entries.push(words("empty", "empty", "All quiet. Alerts come here by themselves."));
  const fresh = show(box, entries).filter((node) => node.matches("article"));
  box.dataset.room = view.channel ?? "";
  if (!stay) { box.scrollTop = box.scrollHeight; $("newer").hidden = true; } else if (fresh.length) $("newer").hidden = false;
}

function openThread(ts) {
  go({ thread: ts });
  $("thread").querySelector("textarea")?.focus({ preventScroll: true });
}

function closeThread() {
  const ts = view.thread;
  go({ thread: null });
  document.querySelector(`#stream article[data-ts="${CSS.escape(ts)}"] .replies`)?.focus({ preventScroll: true });
}

function thread() {
  const root = channel(view.channel)?.messages.find((one) => one.ts === view.thread), pane = $("thread");
  document.body.classList.toggle("threaded", Boolean(root));
  pane.hidden = !root;
  if (!root) { pane.dataset.ts = ""; return; }
  const begun = pane.dataset.ts !== root.ts;
  if (begun) {
    pane.dataset.ts = root.ts;
    pane.replaceChildren(
      make("div", { class: "top" }, make("h2", {}, "Thread", make("small", {}, short(root))), make("button", { type: "button", class: "quiet", "aria-label": "Close the thread", onclick: closeThread }, "✕")),
      make("div", { class: "stream", id: "replies", role: "log", tabindex: "0", "aria-label": "Replies" }),
      composer({ me: () => view.me, channel: () => view.channel, thread: root.ts, label: "Reply", placeholder: "Reply, or @hangbot inspect …" }));
  }
  const box = $("replies"), stay = !atEnd(box);
  const all = inOrder([...(root.replies ?? []), ...ephemerals(view.me, view.channel).filter((one) => one.thread_ts === root.ts)]);
  const fresh = show(box, all.length ? all.map((one) => entry(one, null)) : [words("empty", "empty", "No reply yet.")]);
  // Something tall is read from its beginning.
  if (!begun && !stay && fresh.length) box.scrollTop = Math.min(box.scrollHeight, fresh[0].offsetTop - box.offsetTop - 16);
}

// Opens the thread of an alert at its first reply, beside the channel where there is room, and never over another one.
function openNewest(before) {
  if (view.thread || matchMedia("(max-width:1080px)").matches) return;
  const had = new Map(before.channels.flatMap((one) => one.messages).map((one) => [one.ts, (one.replies ?? []).length]));
  const newest = channel(view.channel)?.messages.findLast((one) => one.metadata?.event_type === "hangbot_alert" && (one.replies ?? []).length && !had.get(one.ts));
  if (newest) view.thread = newest.ts;
}

const line = composer({ me: () => view.me, channel: () => view.channel, thread: null, label: "Message", placeholder: "Message, or /hang …" });

function draw() { side(); line.turn(); thread(); stream(); showModals(view.me); }

redrawWith(draw);
$("composer").append(line, make("p", { class: "hint", id: "hint" }));
$("newer").addEventListener("click", () => { $("stream").scrollTop = $("stream").scrollHeight; $("newer").hidden = true; });
$("stream").addEventListener("scroll", () => { if (atEnd($("stream"))) $("newer").hidden = true; });
addEventListener("keydown", (event) => {
  const within = event.target === document.body || $("thread").contains(event.target);
  if (event.key === "Escape" && view.thread && within && !event.target.matches("select") && !document.querySelector("dialog[open]")) closeThread();
});

follow((state, before) => { choose(); openNewest(before); $("hint").textContent = state.hang ?? ""; draw(); },
  (linked) => { view.linked = linked; side(); });
