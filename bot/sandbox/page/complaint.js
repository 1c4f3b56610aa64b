// The one place under the messages where the page says what cannot be done.

import { byId } from "./dom.js";
import { on } from "./state.js";

on("acted", forgive);

export function complain(error) {
  byId("complaint").textContent = error.message ?? error;
}

export function forgive() {
  byId("complaint").textContent = "";
}
