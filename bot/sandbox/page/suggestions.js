// The list above the composer: commands after a slash, people after an @, and what a bot suggests.

import { byId, el } from "./dom.js";
import { offered, state } from "./state.js";

const CHAT_INPUT = 1;
const MOST = 25;
const NONE = 3;
let found = [];
let at = 0;
let owner = null; // the box that the list belongs to

/** The commands of the channel as they are typed; subcommands stand for themselves. */
export function typed() {
  const flat = (command, path, options) => {
    const inner = (options ?? []).filter((option) => option.type <= 2);
    if (!inner.length) return [{ ...command, path, options: options ?? [] }];
    return inner.flatMap((each) => flat({ ...command, description: each.description }, `${path} ${each.name}`, each.options));
  };
  return offered()
    .filter((command) => command.type === CHAT_INPUT)
    .flatMap((command) => flat(command, command.name, command.options))
    .sort((a, b) => a.path.localeCompare(b.path));
}

/** Show what can be picked for a box: each with `title`, `hint` and `pick`. */
export function offer(box, list) {
  owner = box;
  found = list.slice(0, MOST);
  at = 0;
  draw();
}

/** What fits the text; `choose` gets what is picked. */
export function entries(text, choose) {
  const slash = /^\/(.*)$/s.exec(text);
  const mention = /(?:^|\s)@([^\s@]*)$/.exec(text);
  if (slash) {
    const wanted = slash[1].toLowerCase().trimEnd();
    return [...typed()].filter(({ path }) => fit(path, wanted) < NONE).sort((a, b) => fit(a.path, wanted) - fit(b.path, wanted))
      .map((command) => ({ title: `/${command.path}`, hint: command.description, pick: () => choose({ command }) }));
  }
  if (!mention) return [];
  return [state.bot, ...state.people.values()].filter(({ name }) => name.toLowerCase().startsWith(mention[1].toLowerCase()))
    .map((person) => ({ title: `@${person.name}`, hint: person.is_bot ? "the bot" : "", pick: () => choose({ person }) }));
}

/** How well a command fits what is typed; letters may be left out. */
function fit(path, wanted) {
  if (path.startsWith(wanted)) return 0;
  if (path.includes(wanted)) return 1;
  let at = -1;
  return [...wanted].every((letter) => (at = path.indexOf(letter, at + 1)) >= 0) ? 2 : NONE;
}

export const isOpen = () => found.length > 0;

export function close() {
  found = [];
  draw();
}

/** Whether the key was for the list. */
export function onKey({ key }) {
  if (!isOpen()) return false;
  if (key === "ArrowDown" || key === "ArrowUp") {
    at = (at + (key === "ArrowDown" ? 1 : -1) + found.length) % found.length;
    draw();
  } else if (key === "Tab" || key === "Enter") found[at].pick();
  else if (key === "Escape") close();
  else return false;
  return true;
}

function draw() {
  const list = byId("suggestions");
  list.replaceChildren(...found.map((each, index) => el("li", {
    role: "option", id: `suggestion-${index}`, "aria-selected": String(index === at),
    mousedown: (event) => { event.preventDefault(); each.pick(); },
  }, el("b", {}, each.title), " ", el("span", {}, each.hint))));
  list.hidden = !isOpen();
  list.children[at]?.scrollIntoView({ block: "nearest" });
  owner?.setAttribute("aria-expanded", String(isOpen()));
  owner?.setAttribute("aria-activedescendant", isOpen() ? `suggestion-${at}` : "");
}
