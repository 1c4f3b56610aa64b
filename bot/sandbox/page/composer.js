// The composer: text or a command, with files, as a member writes it.

import { complain, forgive } from "./complaint.js";
import { byId, grow } from "./dom.js";
import { add, keep, samples, waiting } from "./files.js";
import { Chosen } from "./options.js";
import { answer, isReplying, reply, startReplying } from "./replying.js";
import { act, channel, isForum, on, state, visit } from "./state.js";
import { close, entries, offer, onKey, typed } from "./suggestions.js";

let chosen = null;

export function startComposer() {
  const text = byId("text");
  text.addEventListener("input", () => { forgive(); grow(text); look(); });
  byId("title").addEventListener("input", forgive);
  text.addEventListener("keydown", onTextKey);
  text.addEventListener("blur", close);
  byId("command").addEventListener("keydown", onCommandKey);
  byId("composer").addEventListener("submit", (event) => { event.preventDefault(); send(); });
  byId("attach").addEventListener("click", () => byId("file").click());
  byId("file").addEventListener("change", ({ target }) => { take(...target.files); target.value = ""; });
  document.addEventListener("paste", (event) => {
    if (document.querySelector("dialog[open]") || !event.clipboardData.files.length) return;
    event.preventDefault();
    take(...event.clipboardData.files);
  });
  startDropping();
  startReplying();
  on("commands", () => { if (text === document.activeElement) look(); });
  on("moved", leave);
  on("place", () => { placeholder(); drawSamples(); if (document.activeElement === document.body) text.focus(); });
}

function startDropping() {
  const main = document.querySelector("main");
  main.addEventListener("dragover", (event) => { event.preventDefault(); main.classList.add("dropping"); });
  main.addEventListener("dragleave", () => main.classList.remove("dropping"));
  main.addEventListener("drop", (event) => {
    event.preventDefault();
    main.classList.remove("dropping");
    take(...event.dataTransfer.files);
  });
}

/** What takes the keys that are typed: the text, or what the command still asks for. */
export const home = () => (chosen ? chosen.next() : byId("text"));

function onTextKey(event) {
  if (onKey(event)) event.preventDefault();
  else if (isSending(event)) submit(event);
  else if (event.key === "Escape" && isReplying()) reply(null);
}

const isSending = (event) => event.key === "Enter" && !event.shiftKey && !event.isComposing;

function submit(event) {
  event.preventDefault();
  byId("composer").requestSubmit();
}

/** Enter sends a filled command wherever one is in it; in one that is not, it does what the button there does. */
function onCommandKey(event) {
  if (event.defaultPrevented) return;
  if (onKey(event)) return event.preventDefault();
  const isEmptyFirst = event.key === "Backspace" && event.target.value === "" && event.target === chosen.chips[0]?.focus;
  if (event.key === "Escape" || isEmptyFirst) {
    event.preventDefault();
    leave();
    byId("text").focus();
  } else if (isSending(event) && (event.target.tagName !== "BUTTON" || chosen.isFilled())) submit(event);
}

function look() {
  const text = byId("text");
  const whole = typed().find(({ path }) => text.value === `/${path} `);
  if (whole) return enter(whole);
  offer(text, entries(text.value, ({ command, person }) => {
    if (command) return enter(command);
    close();
    text.value = text.value.replace(/@[^\s@]*$/, `@${person.name} `);
  }));
}

function enter(command) {
  close();
  byId("text").value = "";
  byId("text").hidden = true;
  chosen = new Chosen(command);
  keep(waiting().filter((file) => !isTaken(file)));
}

function isTaken(file) {
  try { return chosen.take(file); } catch { return false; } // it is of a kind that the command does not want
}

/** Back to the text; files that the command has taken stay. */
function leave() {
  keep([...waiting(), ...(chosen?.files() ?? [])]);
  ended();
}

function ended() {
  chosen = null;
  byId("command").hidden = true;
  byId("text").hidden = false;
  forgive();
}

function take(...more) {
  forgive();
  try {
    for (const file of more) {
      if (!chosen) add(file);
      else if (!chosen.take(file, { isInstead: true })) throw new Error(`/${chosen.path} takes no file.`);
    }
  } catch (error) {
    complain(error);
  }
  if (!byId("command").contains(document.activeElement)) home().focus();
}

async function send() {
  forgive();
  try {
    if (chosen) await use();
    else if (byId("text").value.trim() || waiting().length) await post();
    grow(byId("text"));
    byId("text").focus();
  } catch (error) {
    complain(error);
  }
}

async function use() {
  const { options, files } = chosen.given();
  await act("command", { channel: state.channel, name: chosen.path, options }, files);
  ended();
}

async function post() {
  const files = waiting().map((file, at) => [`file-${at}`, file]);
  const said = { channel: state.channel, content: withMentions(byId("text").value) };
  if (isForum(channel()) && !byId("title").value.trim()) throw new Error("A post has a title.");
  if (isForum(channel())) visit((await act("open", { ...said, title: byId("title").value }, files)).channel_id);
  else await act("post", { ...said, ...answer() }, files);
  byId("text").value = byId("title").value = "";
  keep([]);
  reply(null);
}

function withMentions(text) {
  const known = [state.bot, ...state.people.values()];
  return known.reduce((so_far, { id, name }) => so_far.replace(new RegExp(`@${name}(?![\\p{L}\\p{N}])`, "gu"), `<@${id}>`), text);
}

function drawSamples() {
  if (byId("samples").childElementCount === 1) byId("samples").append(...samples(take));
}

function placeholder() {
  const name = channel().is_direct ? `@${state.bot.name}` : channel().parent ? channel().name : `#${channel().name}`;
  const label = isForum(channel()) ? `First message of a post in ${name}` : `Message ${name}`;
  byId("text").placeholder = label;
  byId("text").setAttribute("aria-label", label);
}
