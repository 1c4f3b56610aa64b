// Sending a message on: to which channel.

import { byId, el } from "./dom.js";
import { act, isForum, mine, titleOf, visit } from "./state.js";

export function forward(message) {
  const dialog = byId("modal");
  const fault = el("p", { role: "alert", class: "fault" });
  const sent = (id) => { dialog.close(); visit(id); };
  const refused = (error) => { fault.textContent = error.message; };
  const send = (id) => act("forward", { message: message.id, channel: id }).then(() => sent(id), refused);
  dialog.replaceChildren(el("form", { method: "dialog" },
    el("h2", { id: "modal-title" }, "Forward to"),
    ...mine().filter((each) => !isForum(each)).map((each) => el("button", { type: "button", class: "secondary", click: () => send(each.id) }, titleOf(each))),
    fault, el("div", { class: "line" }, el("button", { type: "submit", class: "secondary" }, "Cancel"))));
  dialog.showModal();
}
