// Files of a message: pictures and films in Discord's tiles, full size on click, everything else by name.

import { byId, bytes, el, isLocal, redraw } from "./dom.js";

const IS_SPOILER = 1 << 3;
const lifted = new Set(); // spoilers that were looked at

const isVideo = (file) => (file.content_type ?? "").startsWith("video/");
const isPicture = (file) => (file.content_type ?? "").startsWith("image/") && file.width;
const isCovered = (file) => (file.filename.startsWith("SPOILER_") || file.flags & IS_SPOILER) && !lifted.has(file.id);

/** The tiles of what can be seen, and a line for each other file; null where there are none. */
export function attachments(files) {
  if (!files.length) return null;
  const shown = files.filter((file) => isPicture(file) || isVideo(file));
  const others = files.filter((file) => !shown.includes(file));
  return el("div", { class: "attachments" }, shown.length ? tiles(shown) : null, ...others.map((file) => covering(file, other(file))));
}

/** One to ten pictures and films, as Discord lays them out. */
export function tiles(files) {
  const pictures = files.filter((file) => isPicture(file) && isLocal(file.url));
  const open = (file) => () => {
    const shown = pictures.filter((each) => !isCovered(each));
    show(shown, shown.indexOf(file));
  };
  return el("div", { class: `tiles of-${files.length}` }, ...files.map((file) => covering(file, !isLocal(file.url) ? elsewhere(file.url, "tile")
    : isVideo(file) ? el("div", { class: "tile" }, el("video", { src: file.url, controls: true, preload: "metadata", "aria-label": labelOf(file) }))
      : tile(file, open(file)))));
}

const labelOf = (file) => file.description || file.filename;

function tile(file, click) {
  return el("button", { type: "button", class: "tile", "aria-label": `${labelOf(file)}, full size`, title: file.description ?? "", click },
    el("img", { src: file.url, alt: labelOf(file), width: file.width, height: file.height, loading: "lazy" }),
    file.description && el("span", { class: "alt", "aria-hidden": "true" }, "ALT"));
}

/** The node, or what covers it until a click lifts the spoiler. */
export function covering(file, node) {
  if (!isCovered(file)) return node;
  node.inert = true;
  const lift = () => {
    lifted.add(file.id);
    node.inert = false;
    cover.replaceWith(node);
    (node.matches("button") ? node : node.querySelector("a, video, button"))?.focus({ preventScroll: true });
  };
  const cover = el("div", { class: "covered tile" }, node, el("button", { type: "button", "aria-label": "Spoiler: show it", click: lift }, "SPOILER"));
  return cover;
}

export function other(file) {
  return el("p", { class: "file" }, el("a", { href: file.url, target: "_blank", rel: "noopener" }, file.filename), ` ${bytes(file.size)}`);
}

/** A picture that an embed names: one of the message's own files, or one on this machine. */
export function embedded(url, files, className) {
  const own = url.startsWith("attachment://") && files.find((file) => file.filename === url.slice(13));
  const source = own ? own.url : url;
  return isLocal(source) ? el("img", { class: className, src: source, alt: own?.description ?? "", loading: "lazy" }) : elsewhere(source, className);
}

const elsewhere = (url, className) =>
  el("span", { class: `${className} elsewhere`, title: url, role: "img", "aria-label": `A picture at ${new URL(url).hostname}` }, "🖼");

function show(pictures, at) {
  const viewer = byId("viewer");
  const file = pictures[at];
  const turn = (step) => show(pictures, (at + step + pictures.length) % pictures.length);
  const step = (label, sign, by) => pictures.length > 1
    && el("button", { type: "button", "aria-label": label, "data-key": label, click: () => turn(by) }, sign);
  redraw(viewer,
    el("img", { src: file.url, alt: labelOf(file) }),
    file.description && el("p", {}, file.description),
    el("div", { class: "line" },
      step("Previous", "‹", -1),
      el("a", { href: file.url, target: "_blank", rel: "noopener" }, file.filename),
      step("Next", "›", 1),
      el("button", { type: "button", "data-key": "close", click: () => viewer.close(), autofocus: true }, "Close")));
  viewer.onkeydown = ({ key }) => {
    if (key === "ArrowRight") turn(1);
    if (key === "ArrowLeft") turn(-1);
  };
  viewer.onclick = ({ target }) => target === viewer && viewer.close();
  if (!viewer.open) viewer.showModal();
}
