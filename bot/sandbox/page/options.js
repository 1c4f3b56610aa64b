// A chosen command: what it asks for as named chips, and what else it offers.

import { chip, isFile } from "./chips.js";
import { forgive } from "./complaint.js";
import { byId, el } from "./dom.js";
import { act, state } from "./state.js";

const ATTACHMENT = 11;

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
    const made = chip(option, (focused, text) => this.ask(focused, text));
    this.chips.push(made);
    this.box.insertBefore(made.node, this.more);
    return made;
  }

  /** What the bot suggests for an option, as it is typed so far. */
  async ask(focused, text) {
    const options = { ...this.values(this.chips.filter((each) => !each.fault())), [focused]: text };
    return (await act("complete", { channel: state.channel, name: this.path, options, focused })).choices;
  }

  /** Where one goes on: the first that is empty, or the first at all. */
  next() {
    const found = this.chips.find((each) => !each.isFilled()) ?? this.chips[0];
    return found?.focus ?? this.more.querySelector("button") ?? byId("send");
  }

  /** Put a file to the option in use, or to the first that asks for one; false where all have one. */
  take(file, { isInstead = false } = {}) {
    const chips = this.chips.filter(isFile);
    const used = chips.find((each) => each.node.contains(document.activeElement));
    const offered = [...this.more.children].find((each) => each.option.type === ATTACHMENT);
    const empty = [used, ...chips].find((each) => each && !each.isFilled());
    if (!empty && offered) offered.click();
    const found = empty ?? (offered ? this.chips.at(-1) : isInstead ? used ?? chips.at(-1) : null);
    found?.take(file);
    this.look();
    return Boolean(found);
  }

  files() {
    return this.chips.filter((each) => isFile(each) && each.isFilled()).map(({ file }) => file);
  }

  isFilled() {
    return this.chips.every((each) => !each.fault());
  }

  /** What is mended is no longer marked, and no longer complained of. */
  look() {
    for (const each of this.chips) if (!each.fault()) mark(each, false);
    if (!this.wrong?.fault()) forgive();
  }

  values(chips) {
    return Object.fromEntries(chips.filter((each) => !isFile(each) && each.isFilled()).map((each) => [each.option.name, each.value()]));
  }

  /** What was filled in: values by name, and files; or an Error that names the first fault. */
  given() {
    for (const each of this.chips) mark(each, Boolean(each.fault()));
    this.wrong = this.chips.find((each) => each.fault()) ?? null;
    if (this.wrong) {
      this.wrong.focus.focus();
      throw new Error(`${this.wrong.option.name}: ${this.wrong.fault()}`);
    }
    const files = this.chips.filter((each) => isFile(each) && each.isFilled());
    return { options: this.values(this.chips), files: files.map(({ option, file }) => [option.name, file]) };
  }
}

function mark({ node, focus }, isWrong) {
  node.classList.toggle("wrong", isWrong);
  focus.setAttribute("aria-invalid", String(isWrong));
}
