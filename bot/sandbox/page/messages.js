// The messages of the channel, and what still waits for the bot's answer.

import { complain } from "./complaint.js";
import { components } from "./components.js";
import { byId, el } from "./dom.js";
import { embed } from "./embeds.js";
import { markdown, tick } from "./markdown.js";
import { attachments } from "./media.js";
import { openMenu } from "./menu.js";
import { act, compareIds, nameOf, on, seen, state } from "./state.js";

const NEAR_PX = 80;
let isAtEnd = true;
const dismissed = new Set();

export function startMessages() {
  for (const kind of ["place", "delete"]) on(kind, draw);
  on("clock", tick);
  on("message", (message) => { add(message); announce(message); });
  on("edit", (message) => { replace(message, true); announce(message); });
  on("reaction", (message) => replace(message, false));
  on("interaction", drawPending);
  setInterval(tick, 1000);
  keepAtEnd();
}

function draw() {
  byId("messages").replaceChildren(...seen().filter((m) => !dismissed.has(m.id)).map(item));
  byId("empty").hidden = byId("messages").childElementCount > 0;
  isAtEnd = true;
  drawPending();
}

function add(message) {
  byId("messages").append(item(message));
  byId("empty").hidden = true;
  if (message.author.id === state.me) isAtEnd = true;
  drawPending();
}

function replace(message, isNew) {
  const old = byId(`m-${message.id}`);
  if (!old) return;
  const hadFocus = old.contains(document.activeElement);
  const node = item(message);
  node.classList.toggle("changed", isNew);
  old.replaceWith(node);
  if (hadFocus) node.querySelector("article").focus({ preventScroll: true });
}

/** Whoever reads the newest message goes on doing so, whatever grows above or below. */
function keepAtEnd() {
  const box = byId("scroll");
  const sizes = new ResizeObserver(() => { if (isAtEnd) box.scrollTop = box.scrollHeight; });
  for (const part of [box, byId("messages"), byId("pending")]) sizes.observe(part);
  box.addEventListener("scroll", () => { isAtEnd = box.scrollHeight - box.scrollTop - box.clientHeight < NEAR_PX; });
}

function item(message) {
  const at = new Date(message.timestamp);
  const menu = (event) => openMenu(message, event);
  return el("li", { id: `m-${message.id}`, class: message.seen_by ? "private" : "" },
    el("article", { tabIndex: 0, "aria-label": `${message.author.name}, ${at.toLocaleTimeString()}`, contextmenu: menu, keydown: (event) => event.key === "ContextMenu" && menu(event) },
      above(message),
      el("span", { class: "avatar", "aria-hidden": "true", "data-hue": String(hue(message.author)) }, message.author.name[0].toUpperCase()),
      el("header", {},
        el("strong", {}, message.author.name), message.author.is_bot && el("span", { class: "badge" }, "BOT"),
        el("time", { dateTime: message.timestamp, title: at.toLocaleString() }, at.toLocaleTimeString([], { timeStyle: "short" }))),
      el("div", { class: "body" },
        message.flags & 128 ? el("p", { class: "thinking" }, `${message.author.name} is thinking…`) : null,
        message.content && el("div", { class: "content" }, markdown(message.content), message.edited_timestamp && el("small", {}, " (edited)")),
        ...message.embeds.map((each) => embed(each, message.attachments)),
        attachments(message.attachments.filter((file) => !isEmbedded(message, file))),
        components(message), reactions(message), onlyYou(message)),
      el("button", { type: "button", class: "more", "aria-label": "More", "aria-haspopup": "menu", click: menu }, "⋯")));
}

const hue = (author) => (author.is_bot ? 0 : 1 + (author.name.charCodeAt(0) % 4));
const isEmbedded = (message, file) => message.embeds.some((e) => [e.image?.url, e.thumbnail?.url].includes(`attachment://${file.filename}`));

function above(message) {
  const used = message.interaction_metadata;
  if (used?.name) return el("p", { class: "above" }, "↪ ", el("b", {}, nameOf(used.user.id)), ` used ${used.command_type > 1 ? "" : "/"}${used.name}`);
  if (!message.reply_to) return null;
  const target = state.messages.get(message.reply_to);
  const text = target ? target.content || target.embeds[0]?.title || "a picture" : "a message that was deleted";
  const go = () => byId(`m-${message.reply_to}`)?.querySelector("article").focus();
  return el("p", { class: "above" }, "↪ ", el("button", { type: "button", click: go }, el("b", {}, target?.author.name ?? ""), ` ${named(text).slice(0, 80)}`));
}

const named = (text) => text.replace(/<@!?(\d+)>/g, (_, id) => `@${nameOf(id)}`);

function reactions(message) {
  if (!message.reactions.length) return null;
  return el("div", { class: "reactions" }, ...message.reactions.map(({ emoji, users }) => {
    const isMine = users.includes(state.me);
    return el("button", {
      type: "button", "aria-pressed": String(isMine), "aria-label": `${emoji}, ${users.length}`, title: users.map(nameOf).join(", "),
      click: () => act("react", { message: message.id, emoji, is_there: !isMine }).catch(complain),
    }, emoji, " ", el("b", {}, String(users.length)));
  }));
}

function onlyYou(message) {
  return message.seen_by && el("p", { class: "only-you" }, "👁 Only you can see this · ", dismiss(message.id));
}

function dismiss(id) {
  return el("button", { type: "button", click: () => { dismissed.add(id); draw(); } }, "Dismiss");
}

function drawPending() {
  const mine = [...state.interactions.values()]
    .filter((i) => i.member === state.me && i.channel === state.channel && ["sent", "failed"].includes(i.state) && !dismissed.has(i.id))
    .sort((a, b) => compareIds(a.id, b.id));
  byId("pending").replaceChildren(...mine.map((each) => el("li", { class: each.state },
    each.state === "sent" ? "Sending…" : el("span", {}, each.name ? "The application did not respond" : "This interaction failed", " · ", dismiss(each.id)))));
}

function announce(message) {
  if (message.author.id === state.me) return;
  const { title = "", description = "" } = message.embeds[0] ?? {};
  const files = message.attachments.length ? `, ${message.attachments.length} files` : "";
  byId("announcer").textContent = `${message.author.name}: ${[message.content, title, description].filter(Boolean).join(" ")}${files}`.replaceAll("*", "");
}
