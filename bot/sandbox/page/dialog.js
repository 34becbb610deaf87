// Questions in front of an act, and modals with inputs.

import { current, post } from "./api.js";
import { blocks } from "./blocks.js";
import { make } from "./dom.js";
import { field, read } from "./inputs.js";
import { fill } from "./live.js";
import { textOf } from "./mrkdwn.js";

const $ = (id) => document.getElementById(id);

export function confirm(question) {
  return new Promise((answered) => {
    const box = $("question");
    let yes = false;
    box.replaceChildren(make("h2", { id: "question-title" }, textOf(question.title)), make("p", {}, textOf(question.text)),
      make("div", { class: "buttons" },
        make("button", { type: "button", autofocus: true, onclick: () => box.close() }, textOf(question.deny)),
        make("button", { type: "button", class: question.style === "danger" ? "danger" : "primary", onclick: () => { yes = true; box.close(); } }, textOf(question.confirm))));
    box.onclose = () => answered(yes);
    box.showModal();
  });
}

let shown = null, sending = false;

export function showModals(me) {
  const view = current().views.findLast((one) => one.user === me && one.type === "modal");
  const box = $("modal");
  if (!view) { if (shown) { shown = null; box.close(); } return; }
  const mark = `${view.id} ${view.hash}`;
  if (mark === shown) return;
  shown = mark;
  // An updated view keeps what was typed: the form has the view's id as its key.
  fill(box, make("h2", { id: "modal-title" }, textOf(view.title)), form(view, me, box));
  box.onclose = () => { if (shown) { shown = null; post("close", { user: me, view_id: view.id }); } };
  if (!box.open) box.showModal();
}

function form(view, me, box) {
  const inputs = view.blocks.filter((block) => block.type === "input");
  const act = async (element, value, block) => {
    if (element.confirm && !(await confirm(element.confirm))) return;
    tell(box, await post("press", { user: me, view_id: view.id, action_id: element.action_id, block_id: block.block_id, value }));
  };
  const submit = async (event) => {
    event.preventDefault();
    if (sending) return;
    sending = true;
    const values = {};
    for (const block of inputs) values[block.block_id] = { [block.element.action_id]: read(event.target, block) };
    const answer = await post("submit", { user: me, view_id: view.id, values });
    sending = false;
    tell(box, answer);
  };
  return make("form", { key: view.id, onsubmit: submit },
    view.blocks.map((block) => block.type === "input" ? input(block) : blocks([block], act)),
    make("p", { class: "wrong general", role: "alert" }),
    make("div", { class: "buttons" },
      make("button", { type: "button", onclick: () => box.close() }, view.close ? textOf(view.close) : "Close"),
      view.submit && make("button", { class: "primary", type: "submit" }, textOf(view.submit))));
}

function tell(box, answer) {
  for (const place of box.querySelectorAll(".wrong[data-block]")) place.textContent = answer.errors?.[place.dataset.block] ?? "";
  const general = box.querySelector(".general");
  if (general) general.textContent = answer.ok || answer.errors ? "" : answer.error;
}

function input(block) {
  const many = /^(multi_|checkboxes|radio)/.test(block.element.type);
  const label = make("span", {}, textOf(block.label), block.optional && make("small", {}, " (optional)"));
  return make(many ? "div" : "label", { class: "input", key: block.block_id, "data-input": block.block_id, role: many && "group", "aria-label": many && block.label.text },
    label, field(block), block.hint && make("small", {}, textOf(block.hint)), make("small", { class: "wrong", role: "alert", "data-block": block.block_id }));
}
