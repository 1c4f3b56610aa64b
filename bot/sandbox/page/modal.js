// The modals that answer an interaction, with every kind of field.

import { byId, el } from "./dom.js";
import { preview, samples } from "./files.js";
import { markdown } from "./markdown.js";
import { checkbox, chooser } from "./selects.js";
import { act, isAsked, on, state } from "./state.js";

const TEXT = 4, DISPLAY = 10, UPLOAD = 19, RADIO = 21, GROUP = 22, CHECKBOX = 23;

export function startModals() {
  on("interaction", (interaction) => {
    if (interaction.state === "modal" && interaction.member === state.me && isAsked(interaction)) open(interaction);
  });
}

function open({ id, modal }) {
  const dialog = byId("modal");
  const parts = modal.components.flatMap((holder) => holder.components?.map((input) => ({ input, label: input.label ?? input.custom_id }))
    ?? [{ input: holder.component ?? holder, label: holder.label, description: holder.description }]);
  const fields = parts.map(({ input, ...more }, at) => ({ input, ...more, ...control(input, `modal-${at}`) }));
  const fault = el("span", { role: "alert", class: "fault" });
  const submit = async (event) => {
    event.preventDefault();
    const given = fields.filter(({ input }) => input.type !== DISPLAY);
    const values = given.filter(({ input }) => input.type !== UPLOAD).map(({ input, value }) => [input.custom_id, value()]);
    const files = given.filter(({ input }) => input.type === UPLOAD).flatMap(({ input, value }) => value().map((file) => [input.custom_id, file]));
    try {
      await act("submit", { interaction: id, values: Object.fromEntries(values) }, files);
      dialog.close();
    } catch ({ message }) {
      const wrong = given.find(({ input }) => message.startsWith(`${input.custom_id}: `));
      wrong?.node.after(fault);
      fault.textContent = wrong ? message.replace(wrong.input.custom_id, wrong.label) : message;
      (wrong?.node.querySelector("input, summary") ?? wrong?.node)?.focus();
    }
  };
  dialog.replaceChildren(el("form", { submit, input: ({ target }) => { if (fault.parentElement.contains(target)) fault.textContent = ""; } },
    el("h2", { id: "modal-title" }, modal.title), ...fields.map(field), fault,
    el("div", { class: "line" },
      el("button", { type: "button", class: "secondary", click: () => dialog.close() }, "Cancel"),
      el("button", { type: "submit", class: "primary" }, "Submit"))));
  if (!dialog.open) dialog.showModal();
  dialog.querySelector("form :is(input, textarea, select, summary)")?.focus();
}

function field({ input, label, description, node, isGroup }) {
  if (input.type === DISPLAY) return node;
  const needed = (input.required ?? input.type !== CHECKBOX) && el("span", { class: "fault", "aria-hidden": "true" }, " *");
  const more = description && el("small", {}, description);
  if (isGroup) return el("fieldset", {}, el("legend", {}, label, needed), more, node);
  return el("p", {}, el("label", { htmlFor: node.id }, label, needed), more, node);
}

/** The node of an input, and `value`, which tells what was filled in. */
function control(input, id) {
  if (input.type === DISPLAY) return { node: el("div", { class: "content" }, markdown(input.content)) };
  if (input.type === TEXT) return text(input, id);
  if (input.type === UPLOAD) return upload(input, id);
  if (input.type === RADIO || input.type === GROUP) return group(input);
  if (input.type === CHECKBOX) {
    const box = el("input", { type: "checkbox", id, checked: input.default ?? false });
    return { node: box, value: () => box.checked };
  }
  const { node, values } = chooser(input, { id });
  return { node, value: values, isGroup: node.matches("details") };
}

function text(input, id) {
  const node = el(input.style === 2 ? "textarea" : "input", {
    id, value: input.value ?? "", placeholder: input.placeholder ?? "", required: input.required ?? true, rows: input.style === 2 ? 4 : null,
    minLength: input.min_length ?? 0, maxLength: input.max_length ?? 4000,
  });
  return { node, value: () => node.value };
}

function group(input) {
  const isOne = input.type === RADIO;
  const boxes = input.options.map((each) => checkbox(each, isOne ? "radio" : "checkbox", input.custom_id));
  const values = () => boxes.filter(({ box }) => box.checked).map(({ box }) => box.value);
  return { isGroup: true, node: el("div", { class: "group" }, ...boxes.map(({ label }) => label)), value: () => (isOne ? values()[0] ?? null : values()) };
}

function upload(input, id) {
  let files = [];
  const list = el("ul", { class: "uploads" });
  const keep = (more) => {
    files = [...files, ...more].slice(-(input.max_values ?? 1));
    list.replaceChildren(...files.map((file) => el("li", {}, preview(file), file.name)));
    list.dispatchEvent(new Event("input", { bubbles: true }));
  };
  const kinds = (input.file_types ?? []).map((kind) => (kind.startsWith(".") ? kind : `${kind}/*`)).join(",");
  const picker = el("input", { type: "file", id, "aria-label": "Choose files", multiple: (input.max_values ?? 1) > 1, accept: kinds, change: () => keep([...picker.files]) });
  const node = el("div", { class: "group" }, picker, el("div", { class: "samples" }, ...samples((file) => keep([file]))), list);
  return { isGroup: true, node, value: () => files };
}
