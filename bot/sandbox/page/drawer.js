// Behind the scenes: what the bot and the two services say to each other, and what can go wrong.

import { complain } from "./complaint.js";
import { byId, el, redraw } from "./dom.js";
import { act, LOGGED, on, state } from "./state.js";

const KINDS = { gateway: "event", rest: "Discord", studio: "service" };

export function startDrawer() {
  byId("open-drawer").addEventListener("click", () => show(byId("drawer").hidden));
  byId("close-drawer").addEventListener("click", () => show(false));
  byId("drawer").addEventListener("keydown", ({ key }) => key === "Escape" && show(false));
  on("switches", drawSwitches);
  on("logs", () => byId("log").replaceChildren(...state.log.map(line).reverse()));
  on("log", (entry) => {
    byId("log").prepend(line(entry));
    if (byId("log").childElementCount > LOGGED) byId("log").lastChild.remove();
  });
}

function show(isOpen) {
  byId("drawer").hidden = !isOpen;
  document.body.classList.toggle("with-drawer", isOpen);
  byId("open-drawer").setAttribute("aria-expanded", String(isOpen));
  byId(isOpen ? "close-drawer" : "open-drawer").focus();
}

function drawSwitches() {
  redraw(byId("switches"), ...state.switches.map(({ name, label, hint, is_on: isOn }) => {
    const turn = (to) => act("switch", { name, is_on: to }).catch(complain);
    const own = { type: "button", "data-key": name, "aria-describedby": `hint-${name}`, click: () => turn(isOn === null || !isOn) };
    const kind = isOn === null ? { class: "secondary" } : { role: "switch", "aria-checked": String(isOn) };
    return el("li", {}, el("button", { ...own, ...kind }, label), el("small", { id: `hint-${name}` }, hint));
  }));
}

function line({ kind, method, route, about, status, detail, at }) {
  const body = el("pre", { tabIndex: 0 });
  const node = el("details", { toggle: () => { body.textContent ||= JSON.stringify(detail, null, 2); } },
    el("summary", {},
      el("time", {}, at.slice(11, 23)), " ", el("span", { class: `kind ${kind}` }, KINDS[kind]), " ",
      status && el("b", { class: status >= 400 ? "bad" : "good" }, String(status)), Boolean(status) && " ",
      el("b", { class: "what" }, [method, route].filter(Boolean).join(" ")), about && ` ${about}`),
    body);
  return el("li", {}, node);
}
