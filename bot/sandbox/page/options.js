// A chosen command: its options as named chips, each with the limits that Discord's client holds.

import { complain, forgive } from "./complaint.js";
import { byId, el } from "./dom.js";

const TYPES = { 3: "text", 4: "whole number", 5: "yes or no", 10: "number", 11: "file" };
const ATTACHMENT = 11;
const isFilled = (chip) => (chip.option.type === ATTACHMENT ? chip.file !== undefined : chip.input.value !== "");

export class Chosen {
  constructor(command, cancel) {
    this.path = command.path;
    this.cancel = cancel;
    this.chips = [];
    this.box = byId("command");
    const [needed, others] = [true, false].map((is) => command.options.filter((o) => Boolean(o.required) === is));
    this.more = el("span", { class: "more-options" }, ...others.map((option) => this.offer(option)));
    this.box.replaceChildren(el("b", {}, `/${command.path}`), this.more);
    this.box.setAttribute("aria-label", `/${command.path}: ${command.description}`);
    for (const option of needed) this.add(option);
    this.box.hidden = false;
    (this.chips[0]?.focus ?? this.more.querySelector("button") ?? byId("send")).focus();
  }

  offer(option) {
    const button = el("button", { type: "button", title: option.description, "data-file": option.type === ATTACHMENT ? "yes" : null, click: () => { button.remove(); this.add(option).focus.focus(); } }, `+ ${option.name}`);
    return button;
  }

  add(option) {
    const chip = option.type === ATTACHMENT ? fileChip(option) : valueChip(option);
    this.chips.push(chip);
    this.box.insertBefore(chip.node, this.more);
    return chip;
  }

  /** Put a file to the option that asks for one: the one in use, or the first that is empty. */
  take(file) {
    const wanting = this.chips.filter((chip) => chip.option.type === ATTACHMENT);
    let chip = wanting.find((each) => each.node.contains(document.activeElement)) ?? wanting.find((each) => !each.file);
    if (!chip) {
      const button = [...this.more.children].find((each) => each.dataset.file);
      if (!button) return wanting.at(-1)?.take(file);
      button.click();
      chip = this.chips.at(-1);
    }
    return chip.take(file);
  }

  /** What was filled in: values by name, and files; or an Error that names the first fault. */
  given() {
    const options = {}, files = [];
    let fault = null;
    for (const chip of this.chips) {
      const wrong = chip.fault();
      chip.node.classList.toggle("wrong", Boolean(wrong));
      chip.focus.setAttribute("aria-invalid", String(Boolean(wrong)));
      if (wrong && !fault) {
        fault = new Error(`${chip.option.name}: ${wrong}`);
        chip.focus.focus();
      }
      if (wrong || !isFilled(chip)) continue;
      if (chip.file) files.push([chip.option.name, chip.file]);
      else options[chip.option.name] = typed(chip.option, chip.input.value);
    }
    if (fault) throw fault;
    return { options, files };
  }
}

function typed({ type }, text) {
  if (type === 4 || type === 10) return Number(text);
  return type === 5 ? text === "true" : text;
}

function valueChip(option) {
  const choices = option.type === 5 ? [{ name: "True", value: "true" }, { name: "False", value: "false" }] : option.choices;
  const input = choices?.length
    ? el("select", {}, el("option", { value: "" }, "choose"), ...choices.map((c) => el("option", { value: String(c.value) }, c.name)))
    : el("input", { size: 12, inputMode: option.type === 4 ? "numeric" : option.type === 10 ? "decimal" : "text", placeholder: TYPES[option.type] ?? "" });
  input.title = option.description;
  const node = el("label", { class: "chip" }, el("span", {}, option.name), input);
  return { option, input, node, focus: input, fault: () => faultOf(option, input.value) };
}

function faultOf(option, text) {
  if (text === "") return option.required ? "this option is required" : null;
  if (!TYPES[option.type]) return "this kind of option cannot be given in the sandbox";
  if (option.type === 4 && !(/^-?\d+$/.test(text) && Number.isSafeInteger(Number(text)))) return "expected a whole number";
  if (option.type === 10 && (text.trim() === "" || !Number.isFinite(Number(text)))) return "expected a number";
  if (option.type === 4 || option.type === 10) {
    if (Number(text) < (option.min_value ?? -Infinity)) return `expected at least ${option.min_value}`;
    if (Number(text) > (option.max_value ?? Infinity)) return `expected at most ${option.max_value}`;
  }
  if (option.type === 3 && text.length < (option.min_length ?? 0)) return `expected at least ${option.min_length} characters`;
  if (option.type === 3 && text.length > (option.max_length ?? 6000)) return `expected at most ${option.max_length ?? 6000} characters`;
  return null;
}

function fileChip(option) {
  const kinds = option.file_types ?? [];
  const accept = kinds.map((kind) => (kind.startsWith(".") ? kind : `${kind}/*`)).join(",");
  const picked = () => {
    try {
      if (input.files[0]) chip.take(input.files[0]);
      forgive();
    } catch (error) {
      complain(error);
    }
  };
  const input = el("input", { type: "file", accept, hidden: true, "aria-label": option.name, change: picked });
  const name = el("em", {}, "choose, drop or paste a file");
  const button = el("button", { type: "button", title: option.description, "aria-label": `${option.name}: choose a file`, click: () => input.click() }, name);
  const node = el("div", { class: "chip holder" }, el("span", {}, option.name), button, input);
  const chip = { option, node, focus: button, file: undefined };
  chip.take = (file) => {
    const fits = !kinds.length || kinds.some((kind) => (kind.startsWith(".") ? file.name.toLowerCase().endsWith(kind) : file.type.startsWith(`${kind}/`) || (kind === "image" && /\.hei[cf]$/i.test(file.name))));
    if (!fits) throw new Error(`${option.name}: expected a file of ${kinds.join(", ")}`);
    chip.file = file;
    const preview = file.type.startsWith("image/") && el("img", { src: URL.createObjectURL(file), alt: "" });
    button.replaceChildren(...[preview, file.name].filter(Boolean));
    button.setAttribute("aria-label", `${option.name}: ${file.name}`);
    node.classList.remove("wrong");
  };
  chip.fault = () => (option.required && !chip.file ? "this option is required" : null);
  return chip;
}
