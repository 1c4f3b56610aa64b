// The one place under the messages where the page says what cannot be done.

import { byId } from "./dom.js";
import { on } from "./state.js";

export const complain = (error) => { byId("complaint").textContent = error.message ?? error; };
export const forgive = () => complain("");
on("acted", forgive);
