// The messages of the channel, and what still waits for the bot's answer.

import { complain } from "./complaint.js";
import { components } from "./components.js";
import { byId, el, redraw } from "./dom.js";
import { embed } from "./embeds.js";
import { newer, toEnd } from "./follow.js";
import { lift, markdown, tick } from "./markdown.js";
import { attachments } from "./media.js";
import { openMenu } from "./menu.js";
import { act, compareIds, nameOf, on, seen, state } from "./state.js";

const THINKING = 1 << 7;
const dismissed = new Set();
let current = null; // the one that Tab reaches; the arrow keys lead to the others

export function startMessages() {
  on("moved", toEnd);
  on("place", draw);
  on("delete", ({ id }) => {
    take(id);
    for (const answer of seen()) if (answer.reply_to === id) replace(answer, false);
  });
  on("clock", tick);
  on("message", (message) => { add(message); announce(message); });
  on("edit", (message) => { replace(message, true); announce(message); });
  on("reaction", (message) => replace(message, false));
  on("interaction", (interaction) => {
    drawPending();
    if (interaction.state === "sent" && interaction.name && isPending(interaction)) toEnd();
  });
  setInterval(tick, 1000);
  byId("messages").addEventListener("focusin", ({ target }) => makeCurrent(target.closest("#messages > li")));
  byId("messages").addEventListener("keydown", walk);
}

function draw() {
  byId("messages").replaceChildren(...seen().filter((m) => !dismissed.has(m.id)).map(item));
  makeCurrent(byId("messages").lastElementChild);
  drawPending();
}

function add(message) {
  const node = item(message);
  byId("messages").append(node);
  if (!byId("messages").contains(document.activeElement)) makeCurrent(node);
  drawPending();
  const isAnswer = message.interaction_metadata?.user.id === state.me;
  if (message.author.id === state.me || isAnswer) toEnd();
  else newer(message.id);
}

function replace(message, isNew) {
  const old = byId(`m-${message.id}`);
  if (!old) return;
  const focused = stops(old).indexOf(document.activeElement);
  const open = [...old.querySelectorAll(".spoiler")].map((each) => each.classList.contains("open"));
  const pictures = old.querySelectorAll(".attachments img").length;
  const node = item(message);
  node.classList.toggle("changed", isNew);
  node.querySelectorAll(".spoiler").forEach((each, at) => open[at] && lift(each));
  old.replaceWith(node);
  if (current === old) makeCurrent(node);
  if (focused >= 0) (stops(node)[focused] ?? stops(node)[0]).focus({ preventScroll: true });
  if (node.querySelectorAll(".attachments img").length > pictures) newer(message.id);
}

function take(id) {
  const node = byId(`m-${id}`);
  if (node === current) makeCurrent(node?.previousElementSibling ?? node?.nextElementSibling ?? null);
  node?.remove();
}

const stops = (node) => [...node.querySelectorAll("article, a, button, select, input, textarea, video, summary")];

function makeCurrent(node) {
  if (current && current !== node) for (const each of stops(current)) each.tabIndex = -1;
  current = node;
  if (node) for (const each of stops(node)) each.tabIndex = 0;
}

/** The arrow keys go from message to message, Escape goes to the text box. */
function walk(event) {
  if (event.key === "Escape" && !event.defaultPrevented) byId("text").focus();
  const step = { ArrowUp: "previousElementSibling", ArrowDown: "nextElementSibling" }[event.key];
  if (!step || event.target.tagName !== "ARTICLE") return;
  event.preventDefault();
  event.target.parentElement[step]?.querySelector("article").focus();
}

function item(message) {
  const at = new Date(message.timestamp);
  const menu = (event) => openMenu(message, event);
  const node = el("li", { id: `m-${message.id}`, class: message.seen_by ? "private" : "" },
    el("article", { "aria-label": `${message.author.name}, ${at.toLocaleTimeString()}`, contextmenu: menu, keydown: (event) => event.key === "ContextMenu" && menu(event) },
      above(message),
      el("span", { class: "avatar", "aria-hidden": "true", "data-hue": String(hue(message.author)) }, message.author.name[0].toUpperCase()),
      el("header", {},
        el("strong", {}, message.author.name), message.author.is_bot && el("span", { class: "badge" }, "BOT"),
        el("time", { dateTime: message.timestamp, title: at.toLocaleString() }, at.toLocaleTimeString([], { timeStyle: "short" }))),
      el("div", { class: "body" },
        message.flags & THINKING ? el("p", { class: "thinking" }, `${message.author.name} is thinking…`) : null,
        ...written(message), components(message), reactions(message), onlyYou(message)),
      el("button", { type: "button", class: "more", "aria-label": "More", "aria-haspopup": "menu", click: menu }, "⋯")));
  for (const each of stops(node)) each.tabIndex = -1;
  return node;
}

/** What stands in a message, in Discord's order: text, files, embeds. */
function written(message) {
  const edited = message.edited_timestamp && el("small", {}, " (edited)");
  const files = message.attachments.filter((file) => !isEmbedded(message, file));
  return [
    message.content && el("div", { class: "content" }, markdown(message.content), edited),
    attachments(files),
    ...message.embeds.map((each) => embed(each, message.attachments)),
    ...(message.message_snapshots ?? []).map(forwarded),
  ];
}

/** What was sent on, as it was then. */
function forwarded({ message }) {
  const node = el("blockquote", { class: "forwarded" }, el("p", { class: "above" }, "↪ Forwarded"), ...written(message), components(message));
  for (const each of node.querySelectorAll(":is(.row, .section, .select) > button, .select :is(select, input)")) each.disabled = true;
  return node;
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
  return el("p", { class: "above" }, "↪ ", el("button", { type: "button", click: go }, el("b", {}, target?.author.name ?? ""), ` ${asRead(text).slice(0, 200)}`));
}

const asRead = (text) => text.split("\n").map((line) => el("p", {}, markdown(line)).textContent).join(" ");

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

function onlyYou({ id, seen_by: isPrivate }) {
  return isPrivate && el("p", { class: "only-you" }, "👁 Only you can see this · ", dismissal(() => { dismissed.add(id); take(id); }));
}

const dismissal = (click, key = null) => el("button", { type: "button", "data-key": key, click }, "Dismiss");

const isPending = (found) => found.member === state.me && found.channel === state.channel
  && ["sent", "failed"].includes(found.state) && !dismissed.has(found.id);

function drawPending() {
  const waiting = [...state.interactions.values()].filter(isPending).sort((a, b) => compareIds(a.id, b.id));
  redraw(byId("pending"), ...waiting.map(({ id, name, state: is }) => el("li", { class: is }, is === "sent" ? "Sending…"
    : el("span", {}, name ? "The application did not respond" : "This interaction failed", " · ", dismissal(() => { dismissed.add(id); drawPending(); }, id)))));
}

function announce(message) {
  if (message.author.id === state.me) return;
  const { title = "", description = "" } = message.embeds[0] ?? {};
  const files = message.attachments.length ? `, ${message.attachments.length} files` : "";
  byId("announcer").textContent = `${message.author.name}: ${[message.content, title, description].filter(Boolean).join(" ")}${files}`.replace(/[*`]|^-# /gm, "");
}
