// A chosen command: its options as named chips, each with the limits that Discord's client holds.

import { complain, forgive } from "./complaint.js";
import { byId, el, grow } from "./dom.js";
import { preview } from "./files.js";

const TYPES = { 3: "text", 4: "whole number", 5: "yes or no", 10: "number", 11: "file" };
const ATTACHMENT = 11;
const LONG = 24; // characters that stand beside the other options
const isFile = (chip) => chip.option.type === ATTACHMENT;
const isFilled = (chip) => (isFile(chip) ? chip.file !== undefined : chip.input.value !== "");

export class Chosen {
  constructor(command) {
    this.path = command.path;
    this.chips = [];
    this.wrong = null; // the chip that the complaint is about
    this.box = byId("command");
    const [needed, others] = [true, false].map((is) => command.options.filter((o) => Boolean(o.required) === is));
    this.more = el("span", { class: "more-options" }, ...others.map((option) => this.offer(option)));
    this.box.replaceChildren(el("b", {}, `/${command.path}`), this.more);
    this.box.setAttribute("aria-label", `/${command.path}: ${command.description}`);
    this.box.oninput = this.box.onchange = () => this.look();
    for (const option of needed) this.add(option);
    this.box.hidden = false;
    this.next().focus();
  }

  offer(option) {
    const button = el("button", { type: "button", title: option.description, click: () => { button.remove(); this.add(option).focus.focus(); } }, `+ ${option.name}`);
    button.option = option;
    return button;
  }

  add(option) {
    const chip = option.type === ATTACHMENT ? fileChip(option) : valueChip(option);
    this.chips.push(chip);
    this.box.insertBefore(chip.node, this.more);
    return chip;
  }

  /** Where one goes on: the first that is empty, or the first at all. */
  next() {
    const chip = this.chips.find((each) => !isFilled(each)) ?? this.chips[0];
    return chip?.focus ?? this.more.querySelector("button") ?? byId("send");
  }

  /** Put a file to the option in use, or to the first that asks for one; false where all have one. */
  take(file, { isInstead = false } = {}) {
    const chips = this.chips.filter(isFile);
    const used = chips.find((each) => each.node.contains(document.activeElement));
    const offered = [...this.more.children].find((each) => each.option.type === ATTACHMENT);
    const empty = [used, ...chips].find((each) => each && !isFilled(each));
    if (!empty && offered) offered.click();
    const chip = empty ?? (offered ? this.chips.at(-1) : isInstead ? used ?? chips.at(-1) : null);
    chip?.take(file);
    this.look();
    return Boolean(chip);
  }

  files() {
    return this.chips.filter((chip) => isFile(chip) && isFilled(chip)).map((chip) => chip.file);
  }

  isFilled() {
    return this.chips.every((chip) => !chip.fault());
  }

  /** What is mended is no longer marked, and no longer complained of. */
  look() {
    for (const chip of this.chips) if (!chip.fault()) mark(chip, false);
    if (!this.wrong?.fault()) forgive();
  }

  /** What was filled in: values by name, and files; or an Error that names the first fault. */
  given() {
    for (const chip of this.chips) mark(chip, Boolean(chip.fault()));
    this.wrong = this.chips.find((chip) => chip.fault()) ?? null;
    if (this.wrong) {
      this.wrong.focus.focus();
      throw new Error(`${this.wrong.option.name}: ${this.wrong.fault()}`);
    }
    const filled = this.chips.filter(isFilled);
    return {
      options: Object.fromEntries(filled.filter((chip) => !isFile(chip)).map(({ option, input }) => [option.name, typed(option, input.value)])),
      files: filled.filter(isFile).map(({ option, file }) => [option.name, file]),
    };
  }
}

function mark(chip, isWrong) {
  chip.node.classList.toggle("wrong", isWrong);
  chip.focus.setAttribute("aria-invalid", String(isWrong));
}

function typed({ type }, text) {
  if (type === 4 || type === 10) return Number(text);
  return type === 5 ? text === "true" : text;
}

function valueChip(option) {
  const choices = option.type === 5 ? [{ name: "True", value: "true" }, { name: "False", value: "false" }] : option.choices;
  const input = choices?.length
    ? el("select", {}, el("option", { value: "" }, "choose"), ...choices.map((c) => el("option", { value: String(c.value) }, c.name)))
    : option.type === 3 ? lines() : el("input", { size: 12, inputMode: option.type === 4 ? "numeric" : "decimal", placeholder: TYPES[option.type] ?? "" });
  input.title = option.description;
  const node = el("label", { class: "chip" }, el("span", {}, option.name), input);
  return { option, input, node, focus: input, fault: () => faultOf(option, input.value) };
}

/** A box that has a line of its own once the text is long, and grows with it. */
function lines() {
  const box = el("textarea", { rows: 1, cols: 16, placeholder: TYPES[3], input: () => {
    box.closest(".chip").classList.toggle("long", box.value.length > LONG || box.value.includes("\n"));
    grow(box);
  } });
  return box;
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
  const picked = (event) => {
    event.stopPropagation(); // what is complained of now is not mended by this
    try {
      if (input.files[0]) chip.take(input.files[0]);
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
  const chip = { option, node, focus: button, file: undefined };
  chip.take = (file) => {
    const fits = !kinds.length || kinds.some((kind) => (kind.startsWith(".") ? file.name.toLowerCase().endsWith(kind) : file.type.startsWith(`${kind}/`) || (kind === "image" && /\.hei[cf]$/i.test(file.name))));
    if (!fits) throw new Error(`${option.name}: expected a file of ${kinds.join(", ")}`);
    chip.file = file;
    button.replaceChildren(...[preview(file), file.name].filter(Boolean));
    button.setAttribute("aria-label", `${option.name}: ${file.name}`);
  };
  chip.fault = () => (option.required && !chip.file ? "this option is required" : null);
  return chip;
}
