// Everything with which a person picks or types, in messages and in modals.

import { current } from "./api.js";
import { make, safe } from "./dom.js";
import { textOf } from "./mrkdwn.js";

const TYPED = { datepicker: "date", timepicker: "time", datetimepicker: "datetime-local", number_input: "number", email_text_input: "email", url_text_input: "url" };
const FIELDS = { datepicker: "selected_date", timepicker: "selected_time", users_select: "selected_user", conversations_select: "selected_conversation",
  channels_select: "selected_channel" };
const words = (object) => textOf(object).join("");

export const choices = (one) => [...(one.options ?? []), ...(one.option_groups ?? []).flatMap((group) => group.options)];

function offered(one) {
  const state = current();
  const rooms = () => state.channels.filter((room) => !room.is_im).map((room) => ({ value: room.id, label: `# ${room.name}` }));
  if (/users_select/.test(one.type)) return state.users.filter((user) => !user.is_bot).map((user) => ({ value: user.id, label: user.name }));
  if (/conversations_select|channels_select/.test(one.type)) return rooms();
  return choices(one).map((option) => ({ value: option.value, label: words(option.text), option }));
}

const initial = (one) => one.initial_option?.value ?? one.initial_user ?? one.initial_conversation ?? one.initial_channel ?? "";

// One that tells at once what was picked: in a message, or outside of a modal's input blocks.
export function control(one, picked) {
  const label = words(one.placeholder) || (one.type === "overflow" ? "More" : one.action_id);
  if (one.type in TYPED) {
    return make("input", { key: one.action_id, type: TYPED[one.type], "aria-label": label, value: one.initial_date ?? one.initial_time ?? "",
      onchange: (event) => { if (event.target.value) picked(typed(one, event.target.value)); } });
  }
  if (one.type === "checkboxes" || one.type === "radio_buttons") return boxes(one, one.action_id, (box) => picked(ticked(box, one)));
  if (/^multi_/.test(one.type)) return boxes({ ...one, type: "checkboxes" }, one.action_id, (box) => picked(ticked(box, one)));
  if (!/_select$|^overflow$/.test(one.type)) return make("span", { class: "context" }, `(${one.type}: not shown here)`);
  const begin = initial(one);
  const pick = (event) => {
    const { value } = event.target;
    event.target.value = begin;
    const option = choices(one).find((other) => other.value === value);
    if (option?.url) window.open(safe(option.url), "_blank", "noopener");
    if (value) picked(value);
  };
  return make("select", { key: one.action_id, "aria-label": label, onchange: pick, onkeydown: openFirst, value: begin },
    make("option", { value: "", hidden: true }, one.type === "overflow" ? "⋯" : label), options(one));
}

function options(one) {
  const node = ({ value, label }) => make("option", { value }, label);
  if (!one.option_groups) return offered(one).map(node);
  return one.option_groups.map((group) => make("optgroup", { label: words(group.label) },
    group.options.map((option) => node({ value: option.value, label: words(option.text) }))));
}

// A closed menu would take the first arrow or letter for a choice, and act on it.
function openFirst(event) {
  const changes = event.key.startsWith("Arrow") || ["Home", "End", "PageUp", "PageDown"].includes(event.key) || event.key.length === 1;
  if (!changes || event.ctrlKey || event.metaKey || event.target.matches(":open")) return;
  event.preventDefault();
  event.target.showPicker?.();
}

function boxes(one, name, changed) {
  const first = new Set([...(one.initial_options ?? []), one.initial_option].filter(Boolean).map((option) => option.value));
  const box = make("span", { class: "boxes", key: name, onchange: () => changed?.(box) }, offered(one).map(({ value, label, option }) => make("label", {},
    make("input", { type: one.type === "radio_buttons" ? "radio" : "checkbox", name, value, checked: first.has(value) }),
    make("span", {}, label, option?.description && make("small", {}, textOf(option.description))))));
  return box;
}

const ticked = (box, one) => {
  const values = [...box.querySelectorAll(":checked")].map((node) => node.value);
  return one.type === "radio_buttons" ? values[0] : values;
};

function typed(one, value) {
  return one.type === "datetimepicker" ? Math.round(new Date(value).getTime() / 1000) : value;
}

// The field of a modal's input block; `read` gives what stands in it, as Slack's state has it.
export function field(block) {
  const one = block.element, name = block.block_id, required = !block.optional, placeholder = one.placeholder && words(one.placeholder);
  if (one.type === "plain_text_input") {
    return make(one.multiline ? "textarea" : "input", { name, required, placeholder, value: one.initial_value ?? "", minlength: one.min_length, maxlength: one.max_length ?? 3000, rows: one.multiline && "4" });
  }
  if (one.type in TYPED) {
    const first = one.initial_value ?? one.initial_date ?? one.initial_time ?? "";
    return make("input", { type: TYPED[one.type], name, required, placeholder, value: first, step: one.is_decimal_allowed && "any", min: one.min_value, max: one.max_value });
  }
  if (one.type === "checkboxes" || one.type === "radio_buttons") return boxes(one, name);
  if (/^multi_/.test(one.type)) return boxes({ ...one, type: "checkboxes" }, name);
  if (/_select$/.test(one.type)) {
    return make("select", { name, required, value: initial(one) }, make("option", { value: "" }, placeholder ?? "Choose …"), options(one));
  }
  return make("small", {}, `(${one.type}: not shown here)`);
}

export function read(form, block) {
  const one = block.element, box = form.querySelector(`[data-input="${CSS.escape(block.block_id)}"]`);
  const node = box.querySelector("input, textarea, select"), value = node?.value ?? "";
  const marked = [...box.querySelectorAll(":checked")].map((other) => other.value);
  const option = (wanted) => choices(one).filter((other) => wanted.includes(other.value));
  switch (one.type) {
    case "static_select": case "external_select": return { type: one.type, selected_option: option([value])[0] ?? null };
    case "radio_buttons": return { type: one.type, selected_option: option(marked)[0] ?? null };
    case "checkboxes": case "multi_static_select": return { type: one.type, selected_options: option(marked) };
    case "multi_users_select": return { type: one.type, selected_users: marked };
    case "multi_conversations_select": return { type: one.type, selected_conversations: marked };
    case "multi_channels_select": return { type: one.type, selected_channels: marked };
    case "datetimepicker": return { type: one.type, selected_date_time: value ? typed(one, value) : null };
    default: return { type: one.type, [FIELDS[one.type] ?? "value"]: value || null };
  }
}
