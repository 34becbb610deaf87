// The line where one types, with what can be completed.

import { current, post } from "./api.js";
import { make } from "./dom.js";

// options: me(), channel(), thread (ts or null), label
export function composer(options) {
  let chosen = 0, offered = [], dismissed = "";
  const id = options.thread ? "suggest-thread" : "suggest";
  const list = make("div", { class: "suggest", id, role: "listbox", hidden: true });
  const problem = make("p", { class: "problem", role: "alert", hidden: true });
  const text = make("textarea", { rows: "1", "aria-label": options.label, placeholder: options.placeholder, "aria-controls": id, autocomplete: "off", spellcheck: "false" });

  function say(words) { problem.textContent = words ?? ""; problem.hidden = !words; }

  function suggest() {
    offered = text.value === dismissed ? [] : completions(text.value, Boolean(options.thread));
    chosen = Math.min(chosen, Math.max(0, offered.length - 1));
    list.hidden = !offered.length;
    text.setAttribute("aria-expanded", String(!list.hidden));
    list.replaceChildren(...offered.map((one, number) => make("div", { role: "option", "aria-selected": String(number === chosen),
      onmousedown: (event) => { event.preventDefault(); take(one); } }, make("code", {}, one.text), make("span", {}, one.note))));
    list.children[chosen]?.scrollIntoView({ block: "nearest" });
  }

  function take(one) { text.value = one.text; dismissed = one.text; suggest(); text.focus(); }

  async function send() {
    const words = text.value.trim();
    if (!words) return;
    text.value = ""; dismissed = ""; chosen = 0; suggest(); say("");
    const body = { user: options.me(), channel: options.channel(), text: words };
    const answer = await post("say", options.thread ? { ...body, thread_ts: options.thread } : body);
    if (!answer.ok) { say(`Not sent: ${answer.error}`); if (!text.value) text.value = words; }
  }

  text.addEventListener("input", () => { dismissed = ""; chosen = 0; suggest(); });
  text.addEventListener("blur", () => { list.hidden = true; });
  text.addEventListener("focus", suggest);
  text.addEventListener("keydown", (event) => {
    if (offered.length && (event.key === "ArrowDown" || event.key === "ArrowUp")) {
      chosen = (chosen + (event.key === "ArrowDown" ? 1 : offered.length - 1)) % offered.length; suggest(); event.preventDefault();
    } else if (offered.length && event.key === "Tab") { take(offered[chosen]); event.preventDefault();
    } else if (offered.length && event.key === "Escape") { dismissed = text.value; suggest(); event.preventDefault();
    } else if (event.key === "Enter" && !event.shiftKey) {
      event.preventDefault();
      if (offered.length && chosen > 0) take(offered[chosen]); else send();
    }
  });
  return make("div", {}, problem, make("div", { class: "composer" }, list, make("div", { class: "typing" }, text, make("kbd", {}, "Enter sends"))));
}

function completions(typed, inThread) {
  const start = inThread ? "@hangbot" : "/";
  if (!typed.startsWith(start[0])) return [];
  const all = current().commands.flatMap((one) => (one.completions ?? []).map((two) => inThread ? { ...two, text: two.text.replace(one.command, "@hangbot") } : two));
  const words = typed.toLowerCase().split(/\s+/).filter(Boolean);
  const begun = all.filter((one) => one.text.toLowerCase().startsWith(typed.toLowerCase()));
  const rest = all.filter((one) => !begun.includes(one) && words.length > 1 && words.every((word) => `${one.text} ${one.note}`.toLowerCase().includes(word)));
  return [...begun, ...rest].filter((one) => one.text !== typed).slice(0, 10);
}
