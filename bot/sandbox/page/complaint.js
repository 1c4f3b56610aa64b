// The one place under the messages where the page says what cannot be done.

import { byId } from "./dom.js";

export function complain(error) {
  byId("complaint").textContent = error.message ?? error;
}

export function forgive() {
  byId("complaint").textContent = "";
}
