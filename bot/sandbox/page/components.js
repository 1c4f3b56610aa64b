// Buttons and selects under a message, and the layouts of messages that are made of components.

import { complain, forgive } from "./complaint.js";
import { el, safeUrl } from "./dom.js";
import { markdown } from "./markdown.js";
import { covering, other, tiles } from "./media.js";
import { chooser } from "./selects.js";
import { act } from "./state.js";

const STYLES = { 1: "primary", 2: "secondary", 3: "success", 4: "danger", 5: "link" };

export function components(message) {
  if (!message.components?.length) return null;
  return el("div", { class: "components" }, ...drawn(message, message.components));
}

const drawn = (message, found) => found.map((each) => (DRAWN[each.type] ?? select)(message, each));

const row = (message, found) => el("div", { class: "row" }, ...drawn(message, found.components));

function button(message, found) {
  const label = [found.emoji?.name, found.label].filter(Boolean).join(" ");
  if (found.style === 5) return el("a", { class: "button link", href: safeUrl(found.url), target: "_blank", rel: "noopener noreferrer" }, label, " ↗");
  const press = () => act("press", { message: message.id, custom_id: found.custom_id }).catch(complain);
  return el("button", { type: "button", class: STYLES[found.style] ?? "secondary", disabled: found.disabled, click: press }, label);
}

function select(message, found) {
  const named = (error) => complain(error.message.replace(found.custom_id, found.placeholder ?? "Your selection"));
  const send = () => act("choose", { message: message.id, custom_id: found.custom_id, values: values() }).catch(named);
  const isMany = (found.max_values ?? 1) > 1;
  const { node, values } = chooser(found, { changed: () => (isMany ? forgive() : (values().length || found.min_values === 0) && send()) });
  return el("span", { class: "select" }, node, isMany && el("button", { type: "button", class: "secondary", disabled: found.disabled, click: send }, "Choose"));
}

const section = (message, found) =>
  el("div", { class: "section" }, el("div", {}, ...drawn(message, found.components)), ...drawn(message, [found.accessory]));

const text = (_message, { content }) => el("div", { class: "content" }, markdown(content));

const described = ({ id, media, description, spoiler }, at = 0) => ({
  ...media, id: `${media.attachment_id ?? media.url}-${id ?? at}`, filename: media.url.split("?")[0].split("/").at(-1),
  description, flags: spoiler ? 1 << 3 : 0, width: media.width ?? 512, height: media.height ?? 512, content_type: media.content_type ?? "image/*",
});

const thumbnail = (_message, found) => el("div", { class: "thumbnails" }, tiles([described(found)]));
const gallery = (_message, { items }) => el("div", { class: "attachments" }, tiles(items.map(described)));

function file(_message, found) {
  const shown = { ...described({ ...found, media: found.file }), filename: found.name ?? "file", size: found.size ?? 0 };
  return el("div", { class: "attachments" }, covering(shown, other(shown)));
}

const separator = (_message, { divider = true, spacing = 1 }) => el("hr", { class: `spacing-${spacing}${divider ? "" : " bare"}` });

function container(message, found) {
  const node = el("div", { class: "container" }, ...drawn(message, found.components));
  if (found.accent_color !== null && found.accent_color !== undefined) node.style.borderInlineStartColor = `#${found.accent_color.toString(16).padStart(6, "0")}`;
  const cover = { id: `${message.id}-${found.id}`, filename: "", flags: found.spoiler ? 1 << 3 : 0 };
  return covering(cover, node);
}

const DRAWN = {
  1: row, 2: button, 9: section, 10: text, 11: thumbnail, 12: gallery, 13: file, 14: separator, 17: container,
};
