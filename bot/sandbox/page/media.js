// Files of a message: pictures in tiles with full size on click, everything else by name.

import { byId, bytes, el, isLocal } from "./dom.js";

const IS_SPOILER = 1 << 3;
const kindOf = (file) => (file.content_type ?? "").split("/")[0];

/** The tiles of the pictures, and a line for each other file; null where there are none. */
export function attachments(files) {
  if (!files.length) return null;
  const pictures = files.filter((file) => kindOf(file) === "image");
  const others = files.filter((file) => !pictures.includes(file));
  return el("div", { class: "attachments" },
    pictures.length ? el("div", { class: `tiles of-${pictures.length}` }, ...pictures.map((_, at) => tile(pictures, at))) : null,
    ...others.map(other));
}

function tile(pictures, at) {
  const file = pictures[at];
  const label = `${file.filename}, full size`;
  const node = el("button", { type: "button", class: "tile", "aria-label": label, click: () => node.classList.contains("veiled") ? open() : show(pictures, at) },
    el("img", { src: file.url, alt: file.description ?? file.filename, width: file.width, height: file.height, loading: "lazy" }));
  const open = () => {
    node.classList.remove("veiled");
    node.setAttribute("aria-label", label);
  };
  if (file.flags & IS_SPOILER) {
    node.classList.add("veiled");
    node.setAttribute("aria-label", "Spoiler, click to see it");
  }
  return node;
}

function other(file) {
  if (kindOf(file) === "video") return el("video", { src: file.url, controls: true });
  return el("p", { class: "file" }, el("a", { href: file.url, target: "_blank", rel: "noopener" }, file.filename), ` ${bytes(file.size)}`);
}

/** A picture that an embed names: one of the message's own files, or one on this machine. */
export function embedded(url, files, className) {
  const own = url.startsWith("attachment://") && files.find((file) => file.filename === url.slice(13));
  const source = own ? own.url : url;
  if (isLocal(source)) return el("img", { class: className, src: source, alt: "", loading: "lazy" });
  const host = new URL(source).hostname;
  return el("span", { class: `${className} elsewhere`, title: source, role: "img", "aria-label": `A picture at ${host}` }, "🖼");
}

function show(pictures, at) {
  const viewer = byId("viewer");
  const file = pictures[at];
  const turn = (step) => show(pictures, (at + step + pictures.length) % pictures.length);
  const step = (label, sign, by) => pictures.length > 1
    && el("button", { type: "button", "aria-label": label, click: () => turn(by) }, sign);
  viewer.replaceChildren(
    el("img", { src: file.url, alt: file.filename }),
    el("div", { class: "line" },
      step("Previous", "‹", -1),
      el("a", { href: file.url, target: "_blank", rel: "noopener" }, file.filename),
      step("Next", "›", 1),
      el("button", { type: "button", click: () => viewer.close(), autofocus: true }, "Close")));
  viewer.onkeydown = ({ key }) => {
    if (key === "ArrowRight") turn(1);
    if (key === "ArrowLeft") turn(-1);
  };
  viewer.onclick = ({ target }) => target === viewer && viewer.close();
  if (!viewer.open) viewer.showModal();
}
