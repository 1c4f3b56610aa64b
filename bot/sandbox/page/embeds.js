// An embed as Discord draws it.

import { el, safeUrl } from "./dom.js";
import { markdown } from "./markdown.js";
import { embedded } from "./media.js";

export function embed(found, files) {
  const colour = found.color === undefined || found.color === null ? null : `#${found.color.toString(16).padStart(6, "0")}`;
  const node = el("div", { class: "embed" },
    el("div", { class: "text" },
      found.author?.name && el("p", { class: "by" }, found.author.name),
      found.title && el("p", { class: "title" }, linked(found.url, markdown(found.title))),
      found.description && el("div", { class: "description" }, markdown(found.description)),
      found.fields?.length ? el("dl", {}, ...found.fields.map(field)) : null),
    found.thumbnail?.url && embedded(found.thumbnail.url, files, "thumbnail"),
    found.image?.url && embedded(found.image.url, files, "image"),
    footer(found));
  if (colour) node.style.borderInlineStartColor = colour;
  return node;
}

const linked = (url, content) =>
  safeUrl(url) ? el("a", { href: safeUrl(url), target: "_blank", rel: "noopener noreferrer" }, content) : content;

const field = ({ name, value, inline }) =>
  el("div", { class: inline ? "field inline" : "field" }, el("dt", {}, markdown(name)), el("dd", {}, markdown(value)));

function footer({ footer: found, timestamp }) {
  const at = timestamp && new Date(timestamp).toLocaleString();
  const text = [found?.text, at].filter(Boolean).join(" · ");
  return text ? el("p", { class: "footer" }, text) : null;
}
