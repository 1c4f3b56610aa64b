// Which message the next one answers, and whether it mentions whom it answers.

import { byId } from "./dom.js";
import { on, state } from "./state.js";

let answered = null;

export function startReplying() {
  byId("no-reply").addEventListener("click", () => { reply(null); byId("text").focus(); });
  byId("ping").addEventListener("click", () => ping(!isPing()));
  on("moved", () => reply(null));
  on("reply", reply);
  on("delete", ({ id }) => id === answered?.id && reply(null));
}

/** What a message that is sent now says of it. */
export const answer = () => ({ reply_to: answered?.id ?? null, ping: isPing() });
export const isReplying = () => answered !== null;

export function reply(message) {
  answered = message;
  byId("replying").hidden = !message;
  byId("replying").querySelector("span").textContent = message ? `Replying to ${message.author.name}` : "";
  byId("ping").hidden = message?.author.id === state.me; // nobody mentions themselves
  ping(true);
  if (message) byId("text").focus();
}

const isPing = () => byId("ping").getAttribute("aria-checked") === "true";

function ping(isOn) {
  byId("ping").setAttribute("aria-checked", String(isOn));
  byId("ping").textContent = isOn ? "@ on" : "@ off";
}
