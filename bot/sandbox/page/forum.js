// A forum: its posts as a list, and a title for a new one.

import { byId, el } from "./dom.js";
import { channel, choose, isForum, mine, on, state } from "./state.js";

export function startForum() {
  for (const kind of ["place", "channels", "unread"]) on(kind, draw);
}

function draw() {
  const here = channel();
  const posts = isForum(here) ? mine().filter((each) => each.parent === here.id) : [];
  byId("title").hidden = !isForum(here);
  byId("posts").hidden = !isForum(here);
  byId("posts").replaceChildren(...posts.map(({ id, name }) => {
    const first = [...state.messages.values()].find((message) => message.channel_id === id);
    return el("li", {}, el("button", { type: "button", click: () => choose({ channelId: id }) }, el("b", {}, name), el("span", {}, first?.content ?? "")));
  }));
  if (!posts.length && isForum(here)) byId("posts").append(el("li", {}, "No posts yet: write the first one."));
}
