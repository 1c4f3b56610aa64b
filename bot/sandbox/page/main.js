// Everything together: who one is, where one is, and the parts of the page.

import { startComposer } from "./composer.js";
import { byId, el, redraw } from "./dom.js";
import { startDrawer } from "./drawer.js";
import { startFollowing } from "./follow.js";
import { startForum } from "./forum.js";
import { startKeys } from "./keys.js";
import { startMenu } from "./menu.js";
import { startMessages } from "./messages.js";
import { startModals } from "./modal.js";
import { startPermissions } from "./permissions.js";
import { channel, choose, connect, isUnread, mine, on, state, titleOf } from "./state.js";
import { startWelcome } from "./welcome.js";

function drawPlace() {
  byId("place").textContent = titleOf(channel());
  byId("person").replaceChildren(...[...state.people.values()].map(({ id, name, is_administrator: isAdministrator }) =>
    el("option", { value: id, selected: id === state.me }, isAdministrator ? `${name} (administrator)` : name)));
  drawChannels();
}

function drawChannels() {
  redraw(byId("channels"), ...mine().map((each) => el("li", { class: each.parent ? "thread" : "" }, el("button", {
    type: "button", "data-key": each.id, "aria-current": each.id === state.channel ? "true" : null,
    class: isUnread(each) ? "unread" : "", click: () => { choose({ channelId: each.id }); byId("text").focus(); },
  }, titleOf(each), isUnread(each) && el("span", {}, " ● ", el("span", { class: "unseen" }, "unread"))))));
}

/** Who chose by the pointer writes next; who walks the list by the keyboard is not done yet. */
function startPerson() {
  let isWalked = false;
  const list = byId("person");
  list.addEventListener("pointerdown", () => { isWalked = false; });
  list.addEventListener("keydown", () => { isWalked = true; });
  list.addEventListener("change", () => {
    choose({ me: list.value });
    if (!isWalked) byId("text").focus();
  });
}

function drawConnection() {
  const isGone = !channel()?.is_direct && !state.commands.is_bot_here;
  byId("connection").textContent = !state.isOnline ? "The sandbox is away; waiting for it…" : !state.isConnected ? "The bot is not connected."
    : isGone ? "The bot is not in this server." : "";
}

on("place", drawPlace);
for (const kind of ["unread", "channels"]) on(kind, drawChannels);
for (const kind of ["connection", "commands", "place"]) on(kind, drawConnection);
startPerson();
startMessages();
startFollowing();
startComposer();
startKeys();
startMenu();
startDrawer();
startPermissions();
startModals();
startForum();
startWelcome();
connect();
