// Everything together: who one is, where one is, and the parts of the page.

import { startComposer } from "./composer.js";
import { byId, el } from "./dom.js";
import { startDrawer } from "./drawer.js";
import { startMenu } from "./menu.js";
import { startMessages } from "./messages.js";
import { startPermissions } from "./permissions.js";
import { channel, choose, connect, on, state } from "./state.js";

function drawPlace() {
  const here = channel();
  byId("place").textContent = here.is_direct ? `@ ${state.bot.name}` : `# ${here.name}`;
  const mine = [...state.channels.values()].filter((c) => !c.is_direct || c.member === state.me);
  byId("channels").replaceChildren(...mine.map((each) => el("li", {}, el("button", {
    type: "button", "aria-current": each.id === here.id ? "true" : null, click: () => choose({ channelId: each.id }),
  }, each.is_direct ? `@ ${state.bot.name}` : `# ${each.name}`))));
  byId("person").replaceChildren(...[...state.people.values()].map(({ id, name, is_administrator: isAdministrator }) =>
    el("option", { value: id, selected: id === state.me }, isAdministrator ? `${name} (administrator)` : name)));
}

function drawConnection() {
  const said = !state.isOnline ? "The sandbox is away; waiting for it…" : state.isConnected ? "" : "The bot is not connected.";
  byId("connection").textContent = said;
}

on("place", drawPlace);
on("connection", drawConnection);
byId("person").addEventListener("change", ({ target }) => choose({ me: target.value }));
startMessages();
startComposer();
startMenu();
startDrawer();
startPermissions();
connect();
