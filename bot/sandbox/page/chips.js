// The options of a command, one chip each, with the limits that Discord's client holds.

import { complain } from "./complaint.js";
import { el, grow } from "./dom.js";
import { preview } from "./files.js";
import { chooser } from "./selects.js";
import { close, offer } from "./suggestions.js";

const TEXT = 3, WHOLE = 4, YES_OR_NO = 5, NUMBER = 10, ATTACHMENT = 11;
const KINDS = { [TEXT]: "text", [WHOLE]: "whole number", [NUMBER]: "number" };
const OFFERED_BY = { 6: 5, 7: 8, 8: 6, 9: 7 }; // people, channels, roles, people and roles: the select of the same
const LONG = 24; // characters that stand beside the other options
const PATIENCE_MS = 200;

/** A chip: its option, its nodes, and what is filled in. `ask` gets choices for what is typed. */
export function chip(option, ask) {
  return option.type === ATTACHMENT ? fileChip(option) : valueChip(option, ask);
}

export const isFile = ({ option }) => option.type === ATTACHMENT;

function valueChip(option, ask) {
  const input = box(option);
  input.title = option.description;
  const node = el("label", { class: "chip" }, el("span", {}, option.name), input);
  const made = { option, node, focus: input, picked: null };
  const isPicked = () => made.picked?.name === input.value;
  made.isFilled = () => input.value !== "";
  made.fault = () => (isPicked() ? null : faultOf(option, input.value));
  made.value = () => (isPicked() ? made.picked.value : typed(option, input.value));
  if (option.autocomplete) suggesting(made, input, ask);
  return made;
}

function box(option) {
  const choices = option.type === YES_OR_NO ? [{ name: "True", value: "true" }, { name: "False", value: "false" }] : option.choices;
  if (choices?.length) return el("select", {}, el("option", { value: "" }, "choose"), ...choices.map((c) => el("option", { value: String(c.value) }, c.name)));
  if (OFFERED_BY[option.type]) return chooser({ type: OFFERED_BY[option.type], channel_types: option.channel_types, placeholder: "choose" }, { id: `option-${option.name}` }).node;
  if (option.type === TEXT) return lines();
  return el("input", { size: 12, inputMode: option.type === WHOLE ? "numeric" : "decimal", placeholder: KINDS[option.type] ?? "" });
}

/** A box that has a line of its own once the text is long, and grows with it. */
function lines() {
  const node = el("textarea", { rows: 1, cols: 16, placeholder: KINDS[TEXT], input: () => {
    node.closest(".chip").classList.toggle("long", node.value.length > LONG || node.value.includes("\n"));
    grow(node);
  } });
  return node;
}

/** Ask the bot what it suggests, a moment after each key; anything else may be typed, too. */
function suggesting(made, input, ask) {
  let timer;
  const pick = (choice) => () => {
    made.picked = choice;
    input.value = choice.name;
    close();
    input.dispatchEvent(new Event("change", { bubbles: true }));
  };
  const look = async () => {
    const asked = input.value;
    const choices = await ask(made.option.name, asked).catch(() => []);
    if (document.activeElement === input && input.value === asked) offer(input, choices.map((each) => ({ title: each.name, hint: "", pick: pick(each) })));
  };
  for (const [name, value] of [["role", "combobox"], ["aria-autocomplete", "list"], ["aria-controls", "suggestions"], ["aria-expanded", "false"]]) input.setAttribute(name, value);
  input.addEventListener("input", () => {
    close(); // what was suggested for less
    clearTimeout(timer);
    timer = setTimeout(look, PATIENCE_MS);
  });
  input.addEventListener("focus", look);
  input.addEventListener("blur", close);
}

function typed({ type }, text) {
  if (type === WHOLE || type === NUMBER) return Number(text);
  return type === YES_OR_NO ? text === "true" : text;
}

function faultOf(option, text) {
  if (text === "") return option.required ? "this option is required" : null;
  if (option.type === WHOLE && !(/^-?\d+$/.test(text) && Number.isSafeInteger(Number(text)))) return "expected a whole number";
  if (option.type === NUMBER && (text.trim() === "" || !Number.isFinite(Number(text)))) return "expected a number";
  if (option.type === WHOLE || option.type === NUMBER) {
    if (Number(text) < (option.min_value ?? -Infinity)) return `expected at least ${option.min_value}`;
    if (Number(text) > (option.max_value ?? Infinity)) return `expected at most ${option.max_value}`;
  }
  if (option.type === TEXT && text.length < (option.min_length ?? 0)) return `expected at least ${option.min_length} characters`;
  if (option.type === TEXT && text.length > (option.max_length ?? 6000)) return `expected at most ${option.max_length ?? 6000} characters`;
  return null;
}

function fileChip(option) {
  const kinds = option.file_types ?? [];
  const accept = kinds.map((kind) => (kind.startsWith(".") ? kind : `${kind}/*`)).join(",");
  const picked = (event) => {
    event.stopPropagation(); // what is complained of now is not mended by this
    try {
      if (input.files[0]) made.take(input.files[0]);
      button.dispatchEvent(new Event("input", { bubbles: true }));
      button.focus();
    } catch (error) {
      complain(error);
    }
  };
  const input = el("input", { type: "file", accept, hidden: true, "aria-label": option.name, change: picked });
  const name = el("em", {}, "choose, drop or paste a file");
  const button = el("button", { type: "button", title: option.description, "aria-label": `${option.name}: choose a file`, click: () => input.click() }, name);
  const node = el("div", { class: "chip holder" }, el("span", {}, option.name), button, input);
  const made = { option, node, focus: button, file: undefined };
  made.isFilled = () => made.file !== undefined;
  made.take = (file) => {
    if (!fits(file, kinds)) throw new Error(`${option.name}: expected a file of ${kinds.join(", ")}`);
    made.file = file;
    button.replaceChildren(...[preview(file), file.name].filter(Boolean));
    button.setAttribute("aria-label", `${option.name}: ${file.name}`);
  };
  made.fault = () => (option.required && !made.file ? "this option is required" : null);
  return made;
}

const fits = (file, kinds) => !kinds.length || kinds.some((kind) => (kind.startsWith(".") ? file.name.toLowerCase().endsWith(kind)
  : file.type.startsWith(`${kind}/`) || (kind === "image" && /\.hei[cf]$/i.test(file.name))));
