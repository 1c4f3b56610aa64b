// The end of the messages: who reads there stays there, and who reads above is told how many came.

import { byId } from "./dom.js";
import { on } from "./state.js";

const NEAR_PX = 80;
const fresh = new Set(); // what came while one read above
let isFollowing = true;
let sizes = "";

export function startFollowing() {
  const box = byId("scroll");
  const settling = new ResizeObserver(settle);
  for (const part of [box, byId("messages"), byId("pending")]) settling.observe(part);
  box.addEventListener("scroll", look);
  byId("to-end").addEventListener("click", () => { toEnd(); byId("text").focus(); });
  on("delete", ({ id }) => { fresh.delete(id); drawBar(); });
}

/** Show the newest, and go on doing so. */
export function toEnd() {
  isFollowing = true;
  fresh.clear();
  settle();
}

/** There is something new in this message: seen at once, or told by the bar. */
export function newer(id) {
  if (!isFollowing) fresh.add(id);
  drawBar();
}

function settle() {
  const box = byId("scroll");
  if (isFollowing) box.scrollTop = box.scrollHeight;
  sizes = measured();
  drawBar();
}

/** A scroll without a change of the sizes is a hand's; any other one comes of what grew or shrank. */
function look() {
  const box = byId("scroll");
  if (isFollowing && sizes !== measured()) return settle();
  isFollowing = box.scrollHeight - box.scrollTop - box.clientHeight < NEAR_PX;
  if (isFollowing) fresh.clear();
  drawBar();
}

function measured() {
  const { scrollHeight, clientHeight } = byId("scroll");
  return `${scrollHeight} ${clientHeight}`;
}

function drawBar() {
  const bar = byId("to-end");
  bar.hidden = !fresh.size;
  bar.textContent = `${fresh.size} new ${fresh.size === 1 ? "message" : "messages"} · to the newest ↓`;
}
