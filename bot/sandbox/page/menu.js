// What can be done with a message: by hover, right click, long press or the keyboard.

import { complain } from "./complaint.js";
import { byId, el } from "./dom.js";
import { forward } from "./forward.js";
import { act, emit, isAdministrator, offered, state } from "./state.js";

const EMOJI = ["🔁", "👍", "❤️", "😂", "🎉"];
const PRESS_MS = 500;
const SHAKY_PX = 10;
let close = () => {};
const PERSON = 2, MESSAGE = 3; // the types of a context menu's commands

export function openMenu(message, event) {
  event.preventDefault();
  const menu = byId("menu");
  const opener = event.currentTarget;
  const choose = (work) => () => {
    close();
    work()?.catch(complain);
  };
  const entry = (text, work, more = {}) => el("button", { type: "button", role: "menuitem", tabIndex: -1, click: choose(work), ...more }, text);
  const react = (emoji) => entry(emoji, () => act("react", { message: message.id, emoji, is_there: true }), { "aria-label": `React with ${emoji}`, class: "emoji" });
  const mayDelete = message.author.id === state.me || isAdministrator();
  const apps = offered().filter(({ type }) => type === MESSAGE || type === PERSON);
  const target = (type) => (type === PERSON ? { person: message.author.id, channel: state.channel } : { message: message.id });
  menu.replaceChildren(
    message.seen_by ? "" : el("div", { role: "group", "aria-label": "Add reaction", class: "emojis" }, ...EMOJI.map(react)),
    message.seen_by ? "" : entry("Reply", () => { emit("reply", message); }),
    message.seen_by ? "" : entry("Forward", () => { forward(message); }),
    mayDelete && !message.seen_by ? entry("Delete", () => act("delete", { message: message.id })) : "",
    apps.length ? el("div", { role: "group", "aria-label": "Apps" }, el("p", {}, "Apps"),
      ...apps.map(({ name, type }) => entry(type === PERSON ? `${name} ${message.author.name}` : name, () => act("menu", { name, ...target(type) })))) : "");
  if (!menu.querySelector("button")) return;
  menu.showPopover();
  close = () => {
    if (menu.contains(document.activeElement)) opener.focus({ preventScroll: true });
    menu.hidePopover();
  };
  place(menu, event, opener);
  menu.querySelector("button").focus();
}

function place(menu, { clientX, clientY }, opener) {
  const box = opener.getBoundingClientRect();
  const x = clientX || box.right - menu.offsetWidth;
  const y = clientY || box.bottom;
  menu.style.left = `${Math.max(8, Math.min(x, innerWidth - menu.offsetWidth - 8))}px`;
  menu.style.top = `${Math.max(8, Math.min(y, innerHeight - menu.offsetHeight - 8))}px`;
}

export function startMenu() {
  const menu = byId("menu");
  document.addEventListener("pointerdown", ({ target }) => { if (menu.matches(":popover-open") && !menu.contains(target)) close(); });
  menu.addEventListener("keydown", (event) => {
    if (event.key === "Escape") close();
    const entries = [...menu.querySelectorAll("button")];
    const at = entries.indexOf(document.activeElement);
    const step = { ArrowDown: 1, ArrowRight: 1, ArrowUp: -1, ArrowLeft: -1, Tab: event.shiftKey ? -1 : 1 }[event.key];
    if (!step) return;
    event.preventDefault();
    entries[(at + step + entries.length) % entries.length].focus();
  });
  longPress(byId("messages"));
}

/** A finger that rests on a message opens its menu, which stays when the finger lifts. */
function longPress(list) {
  let timer, from, isOpen;
  const stop = () => clearTimeout(timer);
  list.addEventListener("touchstart", ({ target, touches }) => {
    const article = target.closest("article");
    const { clientX, clientY } = from = touches[0];
    stop();
    isOpen = false;
    timer = setTimeout(() => article?.dispatchEvent(new MouseEvent("contextmenu", { clientX, clientY, bubbles: true, cancelable: true })), PRESS_MS);
  }, { passive: true });
  list.addEventListener("contextmenu", () => { stop(); isOpen = true; });
  list.addEventListener("touchmove", ({ touches: [{ clientX, clientY }] }) => {
    if (Math.hypot(clientX - from.clientX, clientY - from.clientY) > SHAKY_PX) stop();
  }, { passive: true });
  list.addEventListener("touchcancel", stop, { passive: true });
  list.addEventListener("touchend", (event) => {
    stop();
    if (isOpen) event.preventDefault(); // no click of what lies under the finger
  });
}
