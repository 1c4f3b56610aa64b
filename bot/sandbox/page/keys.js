// Keys that are typed where nothing takes them go to what is being written.

import { home } from "./composer.js";
import { byId } from "./dom.js";

export function startKeys() {
  document.addEventListener("keydown", (event) => {
    const isShortcut = event.metaKey || ((event.ctrlKey || event.altKey) && !event.getModifierState("AltGraph"));
    if (event.defaultPrevented || isShortcut || event.isComposing) return;
    if (document.querySelector("dialog[open], #menu:popover-open")) return;
    const at = document.activeElement;
    if (event.key === "Enter" && at.matches("body, #scroll, article")) {
      home().focus();
      event.preventDefault();
      byId("composer").requestSubmit();
    } else if ((event.key.length === 1 || event.key === "Dead") && !isTaken(at, event.key)) home().focus();
  });
}

/** Whether the key means something where it is typed. */
function isTaken(node, key) {
  if (node.matches("textarea, input:not([type=checkbox])")) return true;
  if (node.matches("select")) return key !== "/" && key !== "@";
  return key === " " && node.matches("a, button, summary, video, input");
}
