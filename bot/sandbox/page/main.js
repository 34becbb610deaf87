// The page: what is shown of the state, and who is looking.

import { channel, current, follow, post } from "./api.js";
import { composer } from "./composer.js";
import { showModals } from "./dialog.js";
import { make, time } from "./dom.js";
import { ephemerals, firing, message } from "./messages.js";

const $ = (id) => document.getElementById(id);
const view = { me: localStorage.getItem("me"), channel: null, thread: null, seen: new Set(), texts: new Map(), greeted: new Set() };
const DOTS = { "🔴": "red", "🟠": "amber", "🟢": "", "🟣": "violet", "⚪": "unknown" };

const people = () => current().users.filter((one) => !one.is_bot && one.id !== "USLACKBOT");
const rooms = () => current().channels.filter((one) => !one.is_im || one.user === view.me || one.members?.includes(view.me));

function choose() {
  if (!people().some((one) => one.id === view.me)) view.me = people()[0]?.id ?? null;
  if (!rooms().some((one) => one.id === view.channel)) view.channel = rooms()[0]?.id ?? null;
  if (view.me && !view.greeted.has(view.me)) { view.greeted.add(view.me); post("home", { user: view.me }); }
}

function side() {
  const state = current();
  $("title").textContent = state.title ?? "sandbox";
  document.title = state.title ?? "sandbox";
  $("channels").replaceChildren(...rooms().map((one) => {
    const count = firing(one);
    return make("li", { class: one.id === view.channel ? "here" : undefined }, make("button", { onclick: () => { view.channel = one.id; view.thread = null; draw(); } },
      one.is_im ? "hangbot" : `# ${one.name}`, count ? make("span", { class: "more" }, `${count} firing`) : null));
  }));
  $("people").replaceChildren(...people().map((one) => make("li", { class: one.id === view.me ? "here" : undefined },
    make("button", { "aria-pressed": String(one.id === view.me), onclick: () => { view.me = one.id; localStorage.setItem("me", one.id); choose(); draw(); } },
      one.name, one.note ? make("span", { class: "more" }, one.note) : null))));
  const home = state.home[view.me]?.blocks ?? [];
  const lines = home.map(lineOf).filter(Boolean);
  $("hosts-part").hidden = !lines.length;
  $("hosts").replaceChildren(...lines.map(host));
}

function lineOf(block) {
  if (block.text) return block.text.text;
  return block.elements?.[0]?.elements?.map((one) => one.text ?? "").join("") ?? "";
}

function host(text) {
  const mark = [...text][0];
  const [name, more] = (mark in DOTS ? text.slice(mark.length) : text).trim().split(" · ");
  return make("li", {}, make("span", {}, make("i", { class: `dot ${DOTS[mark] ?? "unknown"}`, title: more }), name, more ? make("span", { class: "more" }, more) : null));
}

function options(extra) {
  return { me: view.me, channel: view.channel, problem: (text) => { $("link").textContent = text ? `That did not work: ${text}` : ""; }, ...extra };
}

function fresh(one) {
  const text = JSON.stringify([one.text, one.blocks?.length, one.metadata?.event_payload?.status]);
  const before = view.texts.get(one.ts);
  view.texts.set(one.ts, text);
  return before !== undefined && before !== text;
}

function stream() {
  const room = channel(view.channel);
  $("room").textContent = room ? (room.is_im ? "hangbot" : `# ${room.name}`) : "";
  const box = $("stream");
  const atEnd = box.scrollHeight - box.scrollTop - box.clientHeight < 80;
  const mine = ephemerals(view.me, view.channel).map((one) => ({ ...one.message, only: true }));
  const all = [...(room?.messages ?? []), ...mine.filter((one) => !one.thread_ts)].sort((a, b) => Number(a.ts) - Number(b.ts));
  const open = (ts) => { view.thread = ts; draw(); };
  const nodes = [];
  let day = "";
  for (const one of all) {
    const its = time(Number(one.ts), { weekday: "long", day: "numeric", month: "long" });
    if (its !== day) { day = its; nodes.push(make("div", { class: "day" }, its === time(Date.now() / 1000, { weekday: "long", day: "numeric", month: "long" }) ? "Today" : its)); }
    nodes.push(message(one, options({ open: one.only ? null : open, only: one.only, flash: fresh(one) })));
  }
  if (!all.length) nodes.push(make("p", { class: "empty" }, "All quiet. Alerts come here by themselves."));
  keepFocus(box, nodes);
  const news = all.filter((one) => !view.seen.has(one.ts));
  all.forEach((one) => view.seen.add(one.ts));
  if (atEnd) box.scrollTop = box.scrollHeight;
  $("newer").hidden = atEnd || !news.length && $("newer").hidden;
}

function keepFocus(box, nodes) {
  const focused = box.contains(document.activeElement) ? document.activeElement : null;
  const ts = focused?.closest("article")?.dataset.ts, label = focused?.textContent, kind = focused?.tagName;
  box.replaceChildren(...nodes);
  if (!ts) return;
  const again = [...box.querySelectorAll(`article[data-ts="${ts}"] ${kind.toLowerCase()}`)].find((one) => one.textContent === label);
  again?.focus({ preventScroll: true });
}

function thread() {
  const root = channel(view.channel)?.messages.find((one) => one.ts === view.thread);
  const pane = $("thread");
  document.body.classList.toggle("threaded", Boolean(root));
  pane.hidden = !root;
  if (!root) { pane.dataset.ts = ""; return; }
  const mine = ephemerals(view.me, view.channel).map((one) => ({ ...one.message, only: true })).filter((one) => one.thread_ts === root.ts);
  const all = [...(root.replies ?? []), ...mine].sort((a, b) => Number(a.ts) - Number(b.ts));
  const shown = all.map((one) => message(one, options({ only: one.only, flash: fresh(one) })));
  if (pane.dataset.ts !== root.ts) {
    pane.dataset.ts = root.ts;
    pane.replaceChildren(
      make("div", { class: "top" }, make("h2", {}, "Thread"), make("button", { class: "quiet", "aria-label": "Close the thread", onclick: () => { view.thread = null; draw(); } }, "✕")),
      make("div", { class: "stream", id: "replies", tabindex: "0", "aria-label": "Replies", "aria-live": "polite" }),
      composer({ me: () => view.me, channel: () => view.channel, thread: root.ts, label: "Reply", placeholder: "Reply, or @hangbot inspect …" }));
  }
  const box = $("replies");
  const first = !box.children.length, atEnd = box.scrollHeight - box.scrollTop - box.clientHeight < 80;
  keepFocus(box, shown.length ? shown : [make("p", { class: "empty" }, "No reply yet.")]);
  if (!first && atEnd) box.scrollTop = box.scrollHeight;
}

function openNewest(before) {
  if (view.thread || matchMedia("(max-width:1080px)").matches) return;
  const had = new Map(before.channels.flatMap((one) => one.messages).map((one) => [one.ts, (one.replies ?? []).length]));
  const room = channel(view.channel);
  const newest = room?.messages.findLast((one) => one.metadata?.event_type === "hangbot_alert" && (one.replies ?? []).length && !had.get(one.ts));
  if (newest) view.thread = newest.ts;
}

function draw() { side(); stream(); thread(); showModals(view.me); }

$("composer").append(composer({ me: () => view.me, channel: () => view.channel, thread: null, label: "Message", placeholder: "Message, or /hang …" }),
  make("p", { class: "hint", id: "hint" }));
$("newer").addEventListener("click", () => { $("stream").scrollTop = $("stream").scrollHeight; $("newer").hidden = true; });
$("stream").addEventListener("scroll", () => { const box = $("stream"); if (box.scrollHeight - box.scrollTop - box.clientHeight < 80) $("newer").hidden = true; });
addEventListener("keydown", (event) => { if (event.key === "Escape" && view.thread && !$("dialog").open && event.target === document.body) { view.thread = null; draw(); } });

follow((state, before) => { choose(); openNewest(before); $("hint").textContent = state.hang ?? ""; draw(); },
  (linked) => { $("link").textContent = linked ? "" : "reconnecting …"; });
