// Files that wait to be sent with the next message, and the sample pictures.

import { forgive } from "./complaint.js";
import { byId, bytes, el } from "./dom.js";
import { state } from "./state.js";

const MOST = 10;
let files = [];

export const waiting = () => files;

/** Keep these, and no others. */
export function keep(list) {
  files = list;
  byId("files").replaceChildren(...files.map((file) => el("li", {},
    preview(file), el("span", {}, `${file.name} `, el("small", {}, bytes(file.size))),
    el("button", { type: "button", "aria-label": `Remove ${file.name}`, click: () => { forgive(); keep(files.filter((each) => each !== file)); byId("text").focus(); } }, "✕"))));
}

export function add(file) {
  if (files.length >= MOST) throw new Error(`A message takes ${MOST} files.`);
  keep([...files, file]);
}

export function preview(file) {
  if (!file.type.startsWith("image/")) return null;
  const done = ({ target }) => URL.revokeObjectURL(target.src);
  return el("img", { src: URL.createObjectURL(file), alt: "", load: done, error: (event) => { done(event); event.target.remove(); } });
}

const fetched = (at) => fetch(state.samples[at]).then((answer) => answer.blob());

/** A sample picture as a new file. */
export const sample = async (at, blob = fetched(at)) => new File([await blob], `sample-${at + 1}.png`, { type: "image/png" });

/** The samples, each of which is taken by a click: it is there before a key that follows at once. */
export const samples = (take) => state.samples.map((url, at) => {
  const early = fetched(at);
  return el("button", {
    type: "button", "aria-label": `Sample picture ${at + 1}`,
    mousedown: (event) => event.preventDefault(), // whatever asks for a file keeps the focus
    click: async () => take(await sample(at, early)),
  }, el("img", { src: url, alt: "" }));
});
