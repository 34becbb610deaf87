// Questions in front of an act, and modals with inputs.

import { current, post } from "./api.js";
import { blocks } from "./blocks.js";
import { make } from "./dom.js";

const dialog = () => document.getElementById("dialog");

export function confirm(question) {
  return new Promise((answered) => {
    const box = dialog();
    let yes = false;
    box.replaceChildren(make("h2", {}, question.title.text), make("p", {}, question.text.text),
      make("div", { class: "buttons" },
        make("button", { onclick: () => box.close() }, question.deny.text),
        make("button", { class: question.style === "danger" ? "danger" : "primary", onclick: () => { yes = true; box.close(); } }, question.confirm.text)));
    box.onclose = () => answered(yes);
    box.showModal();
  });
}

let shown = null;

export function showModals(me) {
  const views = current().views.filter((one) => one.user === me && (one.view ?? one).type === "modal");
  const top = views.at(-1);
  const view = top && (top.view ?? top);
  const mark = view ? `${view.id}.${view.hash}` : null;
  if (mark === shown) return;
  const box = dialog();
  if (!view) { shown = null; box.onclose = null; box.close(); return; }
  shown = mark;
  const inputs = view.blocks.filter((block) => block.type === "input");
  const form = make("form", { onsubmit: async (event) => {
    event.preventDefault();
    const values = {};
    for (const block of inputs) values[block.block_id] = { [block.element.action_id]: read(form, block) };
    const answer = await post("submit", { user: me, view_id: view.id, values });
    for (const place of form.querySelectorAll(".wrong")) place.textContent = answer.errors?.[place.dataset.block] ?? "";
  } },
    view.blocks.map((block) => block.type === "input" ? input(block) : blocks([block], () => {})).flat(),
    make("div", { class: "buttons" },
      make("button", { type: "button", onclick: () => box.close() }, view.close?.text ?? "Close"),
      view.submit && make("button", { class: "primary", type: "submit" }, view.submit.text)));
  box.replaceChildren(make("h2", {}, view.title.text), form);
  box.onclose = () => { if (shown === mark) { shown = null; post("close", { user: me, view_id: view.id }); } };
  if (!box.open) box.showModal();
}

function input(block) {
  return make("label", {}, block.label.text, field(block), block.hint && make("small", {}, block.hint.text),
    make("small", { class: "wrong", "data-block": block.block_id }));
}

function field(block) {
  const one = block.element, name = block.block_id, required = !block.optional;
  const choices = (one.options ?? []).map((option) => option);
  switch (one.type) {
    case "plain_text_input": return make(one.multiline ? "textarea" : "input", { name, required, placeholder: one.placeholder?.text, value: one.initial_value ?? "" });
    case "datepicker": return make("input", { type: "date", name, required, value: one.initial_date ?? "" });
    case "timepicker": return make("input", { type: "time", name, required, value: one.initial_time ?? "" });
    case "static_select": return make("select", { name, required }, choices.map((option) => make("option", { value: option.value }, option.text.text)));
    case "users_select": return make("select", { name, required }, current().users.filter((user) => !user.is_bot).map((user) => make("option", { value: user.id }, user.name)));
    case "checkboxes": case "radio_buttons":
      return make("span", {}, choices.map((option) => make("span", {}, make("input", { type: one.type === "checkboxes" ? "checkbox" : "radio", name, value: option.value }), ` ${option.text.text} `)));
    default: return make("small", {}, `(${one.type})`);
  }
}

function read(form, block) {
  const one = block.element, picked = [...form.querySelectorAll(`[name="${CSS.escape(block.block_id)}"]`)];
  const options = (values) => (one.options ?? []).filter((option) => values.includes(option.value));
  const checked = picked.filter((node) => node.checked).map((node) => node.value);
  const value = picked[0]?.value ?? "";
  switch (one.type) {
    case "static_select": return { type: one.type, selected_option: options([value])[0] ?? null };
    case "users_select": return { type: one.type, selected_user: value || null };
    case "checkboxes": return { type: one.type, selected_options: options(checked) };
    case "radio_buttons": return { type: one.type, selected_option: options(checked)[0] ?? null };
    case "datepicker": return { type: one.type, selected_date: value || null };
    case "timepicker": return { type: one.type, selected_time: value || null };
    default: return { type: one.type, value: value || null };
  }
}
