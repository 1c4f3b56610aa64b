// What an empty channel offers where the demo's own commands are: each is sent by one press.

import { complain } from "./complaint.js";
import { byId, el, redraw } from "./dom.js";
import { sample } from "./files.js";
import { act, on, state } from "./state.js";
import { typed } from "./suggestions.js";

const WORDS = "a red fox in the snow";
const PICTURE = 2;

export function startWelcome() {
  for (const kind of ["place", "commands"]) on(kind, draw);
}

function draw() {
  redraw(byId("welcome"),
    offer("poster", "prompt", async () => [{ prompt: WORDS }], "with these words:", el("q", {}, WORDS)),
    offer("restyle", "image", async () => [{}, [["image", await sample(PICTURE)]]],
      "with this picture", el("img", { src: state.samples[PICTURE], alt: "" })));
}

/** A button that sends the command; nothing where there is none that asks for this option alone. */
function offer(name, option, given, ...words) {
  const asked = typed().find(({ path }) => path === name)?.options.filter(({ required }) => required);
  if (asked?.map((each) => each.name).join() !== option) return null;
  const use = ([options, files]) => act("command", { channel: state.channel, name, options }, files);
  const send = ({ currentTarget }) => {
    currentTarget.disabled = true; // until it is under way
    byId("text").focus();
    given().then(use).catch(complain).finally(draw);
  };
  return el("button", { type: "button", class: "secondary", "data-key": name, click: send }, el("b", {}, `/${name}`), ...words);
}
