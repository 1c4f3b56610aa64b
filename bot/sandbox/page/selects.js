// Something to choose from: options, people, roles or channels, one of them or several.

import { el } from "./dom.js";
import { mine, state, titleOf } from "./state.js";

const PEOPLE = 5, ROLES = 6, EITHER = 7, CHANNELS = 8;

/** What a select offers, whatever its kind. */
function offers(found) {
  const isDefault = (id) => (found.default_values ?? []).some((each) => each.id === id);
  const named = (id, label) => ({ value: id, label, default: isDefault(id) });
  const people = () => [...state.people.values(), state.bot].map(({ id, name }) => named(id, `@${name}`));
  const roles = () => state.commands.targets.filter((each) => each.kind === "role").map(({ id, name }) => named(id, name));
  if (found.type === PEOPLE) return people();
  if (found.type === ROLES) return roles();
  if (found.type === EITHER) return [...people(), ...roles()];
  if (found.type !== CHANNELS) return found.options ?? [];
  const kinds = found.channel_types ?? [];
  return mine().filter((each) => !each.is_direct && (!kinds.length || kinds.includes(each.type))).map((each) => named(each.id, titleOf(each)));
}

const said = ({ emoji, label, description }) => [emoji?.name, label, description && `– ${description}`].filter(Boolean).join(" ");

/** A list to choose from, and `values`, which tells what is chosen; `changed` hears of each choice. */
export function chooser(found, { id = null, changed = () => {} } = {}) {
  const isMany = (found.max_values ?? 1) > 1;
  return isMany ? several(found, id, changed) : single(found, id, changed);
}

function single(found, id, changed) {
  const node = el("select", { id, disabled: found.disabled, "aria-label": id ? null : found.placeholder ?? "Make a selection", change: () => changed() },
    el("option", { value: "" }, found.placeholder ?? "Make a selection"),
    ...offers(found).map((each) => el("option", { value: each.value, selected: each.default }, said(each))));
  return { node, values: () => [node.value].filter(Boolean) };
}

function several(found, id, changed) {
  const boxes = offers(found).map((each) => checkbox(each, "checkbox", null));
  const title = el("summary", { id }, "");
  const values = () => boxes.filter(({ box }) => box.checked).map(({ box }) => box.value);
  const tell = () => { title.textContent = `${found.placeholder ?? "Make a selection"} · ${values().length} of ${found.max_values ?? boxes.length}`; };
  const node = el("details", { class: "choices", change: () => { tell(); changed(); } }, title, ...boxes.map(({ label }) => label));
  for (const { box } of boxes) box.disabled = found.disabled;
  tell();
  return { node, values };
}

/** One option with a box or a point before it. */
export function checkbox({ value, label, description, emoji, default: isOn }, type, name) {
  const box = el("input", { type, name, value, checked: isOn ?? false });
  return { box, label: el("label", {}, box, " ", [emoji?.name, label].filter(Boolean).join(" "), description && el("small", {}, ` ${description}`)) };
}
