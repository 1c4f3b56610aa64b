// The composer: text or a command, with files, as a member writes it.

import { complain, forgive } from "./complaint.js";
import { byId, bytes, el } from "./dom.js";
import { Chosen } from "./options.js";
import { act, channel, on, state } from "./state.js";
import { close, onKey, suggest } from "./suggestions.js";

const MOST_FILES = 10;
let chosen = null;
let replyTo = null;
let files = [];

export function startComposer() {
  const text = byId("text");
  text.addEventListener("input", () => { forgive(); grow(); look(); });
  text.addEventListener("keydown", (event) => {
    if (onKey(event)) event.preventDefault();
    else if (event.key === "Enter" && !event.shiftKey && !event.isComposing) {
      event.preventDefault();
      byId("composer").requestSubmit();
    } else if (event.key === "Escape" && replyTo) reply(null);
  });
  text.addEventListener("blur", close);
  byId("command").addEventListener("keydown", onCommandKey);
  byId("composer").addEventListener("submit", (event) => { event.preventDefault(); send(); });
  byId("attach").addEventListener("click", () => byId("file").click());
  byId("file").addEventListener("change", ({ target }) => { take(...target.files); target.value = ""; });
  byId("no-reply").addEventListener("click", () => reply(null));
  byId("ping").addEventListener("click", () => ping(!isPing()));
  document.addEventListener("paste", (event) => {
    if (!event.clipboardData.files.length) return;
    event.preventDefault();
    take(...event.clipboardData.files);
  });
  const main = document.querySelector("main");
  main.addEventListener("dragover", (event) => { event.preventDefault(); main.classList.add("dropping"); });
  main.addEventListener("dragleave", () => main.classList.remove("dropping"));
  main.addEventListener("drop", (event) => {
    event.preventDefault();
    main.classList.remove("dropping");
    take(...event.dataTransfer.files);
  });
  on("commands", () => { if (text === document.activeElement) look(); });
  on("place", () => { leave(); reply(null); placeholder(); drawSamples(); });
  on("reply", reply);
  on("delete", ({ id }) => id === replyTo?.id && reply(null));
}

function onCommandKey(event) {
  const isEmptyFirst = event.key === "Backspace" && event.target.value === "" && event.target === chosen?.chips[0]?.focus;
  if (event.key !== "Escape" && !isEmptyFirst) return;
  event.preventDefault();
  leave();
  byId("text").focus();
}

function look() {
  suggest(byId("text").value, ({ command, person }) => {
    close();
    if (command) return enter(command);
    byId("text").value = byId("text").value.replace(/@[^\s@]*$/, `@${person.name} `);
  });
}

function enter(command) {
  byId("text").value = "";
  byId("text").hidden = true;
  chosen = new Chosen(command, leave);
  const waiting = files;
  files = [];
  drawFiles();
  take(...waiting);
}

function leave() {
  chosen = null;
  byId("command").hidden = true;
  byId("text").hidden = false;
  forgive();
}

function take(...more) {
  forgive();
  try {
    for (const file of more) {
      if (chosen) chosen.take(file);
      else if (files.length < MOST_FILES) files = [...files, file];
      else throw new Error(`A message takes ${MOST_FILES} files.`);
    }
  } catch (error) {
    complain(error);
  }
  drawFiles();
}

async function send() {
  forgive();
  const text = byId("text");
  try {
    if (chosen) {
      const { options, files: attached } = chosen.given();
      const { path } = chosen;
      await act("command", { channel: state.channel, name: path, options }, attached);
      leave();
    } else if (text.value.trim() || files.length) {
      const attached = files.map((file, at) => [`file-${at}`, file]);
      const answers = { reply_to: replyTo?.id ?? null, ping: isPing() };
      await act("post", { channel: state.channel, content: withMentions(text.value), ...answers }, attached);
      text.value = "";
      files = [];
      drawFiles();
      reply(null);
    }
    grow();
    text.focus();
  } catch (error) {
    complain(error);
  }
}

function withMentions(text) {
  const known = [state.bot, ...state.people.values()];
  return known.reduce((so_far, { id, name }) => so_far.replace(new RegExp(`@${name}(?![\\p{L}\\p{N}])`, "gu"), `<@${id}>`), text);
}

function reply(message) {
  replyTo = message;
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

function drawFiles() {
  byId("files").replaceChildren(...files.map((file) => el("li", {},
    file.type.startsWith("image/") && el("img", { src: URL.createObjectURL(file), alt: "" }),
    el("span", {}, `${file.name} `, el("small", {}, bytes(file.size))),
    el("button", { type: "button", "aria-label": `Remove ${file.name}`, click: () => { files = files.filter((f) => f !== file); drawFiles(); } }, "✕"))));
}

function drawSamples() {
  const box = byId("samples");
  if (box.childElementCount > 1) return;
  box.append(...state.samples.map((url, at) => el("button", {
    type: "button", "aria-label": `Sample picture ${at + 1}`,
    mousedown: (event) => event.preventDefault(), // whatever asks for a file keeps the focus
    click: async () => take(new File([await (await fetch(url)).blob()], `sample-${at + 1}.png`, { type: "image/png" })),
  }, el("img", { src: url, alt: "" }))));
}

function placeholder() {
  const name = channel().is_direct ? `@${state.bot.name}` : `#${channel().name}`;
  byId("text").placeholder = `Message ${name}`;
  byId("text").setAttribute("aria-label", `Message ${name}`);
}

function grow() {
  const text = byId("text");
  text.style.height = "auto";
  text.style.height = `${Math.min(text.scrollHeight, 200)}px`;
}
