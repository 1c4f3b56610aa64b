// Elements without markup in strings: whatever a message says, it stays text.

export const byId = (id) => document.getElementById(id);

/** An element; attributes that are functions listen to events, `class` and `data-…` are as in HTML. */
export function el(tag, attributes = {}, ...children) {
  const node = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) {
    if (value === null || value === undefined || value === false) continue;
    if (typeof value === "function") node.addEventListener(name, value);
    else if (name in node && !name.startsWith("aria") && name !== "list") node[name] = value;
    else node.setAttribute(name === "className" ? "class" : name, value === true ? "" : value);
  }
  node.append(...children.filter((child) => child !== null && child !== undefined && child !== false));
  return node;
}

/** Draw a box anew; what had the focus in it has it again, by its data-key. */
export function redraw(box, ...children) {
  const { key } = box.contains(document.activeElement) ? document.activeElement.dataset : {};
  box.replaceChildren(...children.filter(Boolean));
  if (key) box.querySelector(`[data-key="${CSS.escape(key)}"]`)?.focus();
}

/** As high as its text, up to a part of the screen. */
export function grow(node, most = 0.3) {
  node.style.height = "auto";
  node.style.height = `${Math.min(node.scrollHeight + node.offsetHeight - node.clientHeight, innerHeight * most)}px`;
}

/** Only addresses that a link may have. */
export function safeUrl(text) {
  const url = URL.canParse(text) && new URL(text);
  return ["http:", "https:"].includes(url.protocol) ? url.href : null;
}

/** Whether a picture is this machine's own; the page shows no other. */
export const isLocal = (url) => new URL(url, location.href).hostname === location.hostname;

export function bytes(count) {
  const units = ["bytes", "KiB", "MiB"];
  const step = count < 1024 ? 0 : count < 1024 * 1024 ? 1 : 2;
  return `${step ? (count / 1024 ** step).toFixed(1) : count} ${units[step]}`;
}
