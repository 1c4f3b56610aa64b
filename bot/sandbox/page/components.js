// Buttons and selects under a message, and the modals that answer them.

import { byId, el, safeUrl } from "./dom.js";
import { complain } from "./complaint.js";
import { act, on, state } from "./state.js";

const STYLES = { 1: "primary", 2: "secondary", 3: "success", 4: "danger", 5: "link" };

export function components(message) {
  // Of all components the page draws rows of buttons and of selects with options of their own.
  const rows = message.components.filter((each) => each.type === 1);
  if (!rows.length) return null;
  return el("div", { class: "components" }, ...rows.map((row) => el("div", { class: "row" },
    ...row.components.map((each) => (each.type === 2 ? button(message, each) : each.type === 3 && select(message, each))))));
}

function button(message, found) {
  const label = [found.emoji?.name, found.label].filter(Boolean).join(" ");
  if (found.style === 5) return el("a", { class: "button link", href: safeUrl(found.url), target: "_blank", rel: "noopener noreferrer" }, label);
  const press = () => act("press", { message: message.id, custom_id: found.custom_id }).catch(complain);
  return el("button", { type: "button", class: STYLES[found.style] ?? "secondary", disabled: found.disabled, click: press }, label);
}

function select(message, found) {
  const most = found.max_values ?? 1;
  const chosen = (node) => [...node.selectedOptions].map((option) => option.value).filter(Boolean);
  const send = (node) => act("choose", { message: message.id, custom_id: found.custom_id, values: chosen(node) }).catch(complain);
  const node = options(found);
  if (most === 1) node.addEventListener("change", () => send(node));
  return el("span", { class: "select" }, node, most > 1 && el("button", { type: "button", class: "secondary", click: () => send(node) }, "Choose"));
}

function options(found, id = null) {
  const isMany = (found.max_values ?? 1) > 1;
  const first = isMany ? [] : [el("option", { value: "" }, found.placeholder ?? "Make a selection")];
  return el("select", { id, multiple: isMany, disabled: found.disabled, "aria-label": id ? null : found.placeholder ?? "Make a selection" },
    ...first, ...found.options.map((o) => el("option", { value: o.value, selected: o.default, title: o.description ?? "" }, o.label)));
}

on("interaction", (interaction) => {
  if (interaction.state === "modal" && interaction.member === state.me) open(interaction);
});

function open({ id, modal }) {
  const dialog = byId("modal");
  const inputs = modal.components.filter((holder) => holder.components || holder.component).flatMap(
    (holder) => holder.components ?? [{ ...holder.component, label: holder.label, description: holder.description }]);
  const fields = inputs.map((input, at) => ({ input, node: control(input, `modal-${at}`) }));
  const fault = el("p", { role: "alert", class: "fault" });
  const submit = async (event) => {
    event.preventDefault();
    const values = Object.fromEntries(fields.map(({ input, node }) => [input.custom_id, value(node)]));
    try {
      await act("submit", { interaction: id, values });
      dialog.close();
    } catch (error) {
      fault.textContent = error.message;
    }
  };
  dialog.replaceChildren(el("form", { submit },
    el("h2", { id: "modal-title" }, modal.title),
    ...fields.map(({ input, node }) => el("p", {}, el("label", { htmlFor: node.id }, input.label ?? input.custom_id),
      input.description && el("small", {}, input.description), node)),
    fault,
    el("div", { class: "line" },
      el("button", { type: "button", class: "secondary", click: () => dialog.close() }, "Cancel"),
      el("button", { type: "submit", class: "primary" }, "Submit"))));
  dialog.showModal();
}

const value = (node) => (node.tagName === "SELECT" ? [...node.selectedOptions].map((o) => o.value).filter(Boolean) : node.value);

function control(input, id) {
  if (input.type === 3) return options(input, id);
  return el(input.style === 2 ? "textarea" : "input", {
    id, value: input.value ?? "", placeholder: input.placeholder ?? "", required: input.required ?? true,
    minLength: input.min_length ?? 0, maxLength: input.max_length ?? 4000,
  });
}
