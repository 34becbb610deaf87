// The line where one types, with what can be completed.

import { current, post } from "./api.js";
import { make } from "./dom.js";

const drafts = new Map();

// options: me(), channel(), thread (ts or null), label, placeholder. Its `turn()` shows the draft of another channel.
export function composer(options) {
  let chosen = 0, offered = [], dismissed = "", at = place();
  const id = options.thread ? "suggest-thread" : "suggest";
  const list = make("div", { class: "suggest", id, role: "listbox", "aria-label": "Completions", hidden: true });
  const problem = make("p", { class: "problem", role: "alert", hidden: true });
  const text = make("textarea", { rows: "1", role: "combobox", "aria-label": options.label, "aria-autocomplete": "list", "aria-expanded": "false",
    "aria-controls": id, placeholder: options.placeholder, autocomplete: "off", spellcheck: "false", value: drafts.get(at) ?? "" });

  function place() { return `${options.channel()} ${options.thread ?? ""}`; }
  function keep() { drafts.set(at, text.value); }
  function say(words) { problem.textContent = words ?? ""; problem.hidden = !words; }

  function suggest() {
    offered = text.value === dismissed ? [] : completions(text.value, Boolean(options.thread));
    chosen = Math.min(chosen, Math.max(0, offered.length - 1));
    list.hidden = !offered.length;
    text.setAttribute("aria-expanded", String(!list.hidden));
    list.replaceChildren(...offered.map((one, number) => make("div", { id: `${id}-${number}`, role: "option", "aria-selected": String(number === chosen),
      onmousedown: (event) => { event.preventDefault(); take(one); } }, make("code", {}, one.text), make("span", {}, one.note))));
    if (list.hidden) text.removeAttribute("aria-activedescendant");
    else text.setAttribute("aria-activedescendant", `${id}-${chosen}`);
    list.children[chosen]?.scrollIntoView({ block: "nearest" });
  }

  function take(one) { text.value = one.text; dismissed = one.text; keep(); suggest(); text.focus(); }

  async function send() {
    const words = text.value.trim(), to = at;
    if (!words) return;
    const body = { user: options.me(), channel: options.channel(), text: words };
    text.value = ""; dismissed = ""; chosen = 0; keep(); suggest(); say("");
    const answer = await post("say", options.thread ? { ...body, thread_ts: options.thread } : body);
    if (answer.ok) return;
    if (!drafts.get(to)) drafts.set(to, words);
    if (at !== to) return;
    say(`Not sent: ${answer.error}`);
    if (!text.value) text.value = words;
  }

  text.addEventListener("input", () => { dismissed = ""; chosen = 0; keep(); suggest(); });
  text.addEventListener("blur", () => { list.hidden = true; text.setAttribute("aria-expanded", "false"); });
  text.addEventListener("focus", suggest);
  text.addEventListener("keydown", (event) => {
    const open = offered.length && !list.hidden;
    if (event.isComposing) return;
    if (open && (event.key === "ArrowDown" || event.key === "ArrowUp")) {
      chosen = (chosen + (event.key === "ArrowDown" ? 1 : offered.length - 1)) % offered.length; suggest(); event.preventDefault();
    } else if (open && event.key === "Tab" && !event.shiftKey) { take(offered[chosen]); event.preventDefault();
    } else if (open && event.key === "Escape") { dismissed = text.value; suggest(); event.preventDefault(); event.stopPropagation();
    } else if (event.key === "Enter" && !event.shiftKey) {
      event.preventDefault();
      if (open && chosen > 0) take(offered[chosen]); else send();
    }
  });
  const box = make("div", {}, problem, make("div", { class: "composer" }, list, make("div", { class: "typing" }, text, make("kbd", {}, "Enter sends"))));
  box.turn = () => { if (place() === at) return; at = place(); text.value = drafts.get(at) ?? ""; dismissed = text.value; say(""); suggest(); };
  return box;
}

function completions(typed, inThread) {
  const start = inThread ? "@hangbot" : "/";
  if (!typed.startsWith(start[0])) return [];
  const all = current().commands.flatMap((one) => (one.completions ?? []).map((two) => inThread ? { ...two, text: two.text.replace(one.command, "@hangbot") } : two));
  const words = typed.toLowerCase().split(/\s+/).filter(Boolean);
  const begun = all.filter((one) => one.text.toLowerCase().startsWith(typed.toLowerCase()));
  const rest = all.filter((one) => !begun.includes(one) && words.length > 1 && words.every((word) => `${one.text} ${one.note ?? ""}`.toLowerCase().includes(word)));
  return [...begun, ...rest].filter((one) => one.text !== typed).slice(0, 10);
}
