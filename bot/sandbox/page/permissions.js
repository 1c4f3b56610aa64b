// Who may use a command: what an administrator sets in the server's settings.

import { byId, el } from "./dom.js";
import { act, isAdministrator, on, state } from "./state.js";

const ANSWERS = [["Yes", true], ["Neutral", null], ["No", false]];
const GROUPS = [["role", "Roles"], ["user", "Members"], ["channel", "Channels"]];

export function startPermissions() {
  byId("open-permissions").addEventListener("click", open);
  on("place", () => { byId("open-permissions").hidden = !isAdministrator(); });
  on("commands", () => byId("permissions").open && draw());
}

function open() {
  const dialog = byId("permissions");
  const { targets } = state.commands;
  const field = (id, label, ...inner) => el("p", {}, el("label", { htmlFor: id }, label), el("select", { id, change: draw }, ...inner));
  const groups = GROUPS.map(([kind, label]) => el("optgroup", { label },
    ...targets.filter((each) => each.kind === kind).map(({ id, name }) => option(`${kind}:${id}`, name))));
  dialog.replaceChildren(el("form", { submit: save },
    el("h2", { id: "permissions-title" }, "Who may use a command"),
    field("permit-command", "Command"),
    field("permit-target", "Who, or where", ...groups),
    el("fieldset", {}, el("legend", {}, "May it be used?"),
      ...ANSWERS.map(([text]) => el("label", {}, el("input", { type: "radio", name: "answer", value: text }), ` ${text}`))),
    el("p", { id: "permit-lines" }),
    el("p", { role: "alert", class: "fault" }),
    el("div", { class: "line" },
      el("button", { type: "button", id: "permit-bot", class: "danger", click: () => tried(act("bot", { is_here: !state.commands.is_bot_here })) }),
      el("button", { type: "button", class: "secondary", click: () => dialog.close() }, "Close"),
      el("button", { type: "submit", class: "primary" }, "Save"))));
  draw();
  dialog.showModal();
}

/** What was done, or the sentence why not. */
const tried = (work) => work.catch((error) => { byId("permissions").querySelector("[role=alert]").textContent = error.message; });

const lines = () => state.commands.permissions[byId("permit-command").value] ?? [];
const answer = (found) => ANSWERS.find(([, isAllowed]) => isAllowed === (found?.is_allowed ?? null))[0];
const key = ({ kind, id }) => `${kind}:${id}`;

const option = (value, text) => el("option", { value }, text);

/** Show what can be chosen, and what is set: for the one that is, and all of it. */
function draw() {
  const dialog = byId("permissions");
  const list = byId("permit-command");
  const { value } = list;
  list.replaceChildren(option("", "All commands"), ...state.commands.server.map(({ name, type }) => option(name, type === 1 ? `/${name}` : name)));
  list.value = value;
  if (list.selectedIndex < 0) list.selectedIndex = 0;
  const now = answer(lines().find((each) => key(each) === byId("permit-target").value));
  dialog.querySelector(`[value="${now}"]`).checked = true;
  dialog.querySelector("[role=alert]").textContent = "";
  byId("permit-bot").textContent = state.commands.is_bot_here ? "Take the bot from the server" : "Invite the bot";
  const names = new Map(state.commands.targets.map((each) => [key(each), each.name]));
  const said = lines().map((each) => `${names.get(key(each)) ?? "somebody"}: ${answer(each).toLowerCase()}`);
  byId("permit-lines").textContent = `Set: ${said.join(", ") || "nothing"}`;
}

async function save(event) {
  event.preventDefault();
  const [kind, id] = byId("permit-target").value.split(":");
  const chosen = event.target.elements.answer.value;
  const isAllowed = ANSWERS.find(([text]) => text === chosen)[1];
  await tried(act("permit", { command: byId("permit-command").value || null, kind, id, is_allowed: isAllowed }));
}
