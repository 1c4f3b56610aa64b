// Discord's markdown as nodes: bold, italic, code, quotes, lists, small text, links, spoilers, mentions, times.
// https://support.discord.com/hc/en-us/articles/210298617

import { el, safeUrl } from "./dom.js";
import { nameOf, now, state } from "./state.js";

const INLINE = [
  [/^\\([^0-9A-Za-z\s])/, (m) => m[1]],
  [/^```(?:\w+\n)?\n?([\s\S]+?)```/, (m) => el("pre", {}, el("code", {}, m[1].trimEnd()))],
  [/^`([^`]+)`/, (m) => el("code", {}, m[1])],
  [/^\*\*([\s\S]+?)\*\*(?!\*)/, (m) => el("strong", {}, inline(m[1]))],
  [/^__([\s\S]+?)__/, (m) => el("u", {}, inline(m[1]))],
  [/^~~([\s\S]+?)~~/, (m) => el("s", {}, inline(m[1]))],
  [/^\|\|([\s\S]+?)\|\|/, (m) => spoiler(m[1])],
  [/^\*(?=\S)([^*]+)\*/, (m) => el("em", {}, inline(m[1]))],
  [/^_(?=\S)([^_]+)_(?!\w)/, (m) => el("em", {}, inline(m[1]))],
  [/^\[([^\]\n]+)\]\(<?(https?:\/\/[^\s)>]+)>?\)/, (m) => link(m[2], m[1])],
  [/^<@!?(\d+)>/, (m) => el("span", { class: m[1] === state.me ? "mention me" : "mention" }, `@${nameOf(m[1])}`)],
  [/^<@&(\d+)>/, (m) => el("span", { class: "mention" }, `@${roleOf(m[1])}`)],
  [/^<\/([^:>]+):\d+>/, (m) => el("span", { class: "mention" }, `/${m[1]}`)],
  [/^<#(\d+)>/, (m) => el("span", { class: "mention" }, `#${state.channels.get(m[1])?.name ?? "unknown"}`)],
  [/^<t:(-?\d+)(?::([tTdDfFR]))?>/, (m) => time(Number(m[1]), m[2] ?? "f")],
  [/^<(https?:\/\/[^\s>]+)>/, (m) => link(m[1], m[1])],
  [/^https?:\/\/[^\s<]+[^\s<.,:;"')\]]/, (m) => link(m[0], m[0])],
];
const PLAIN = /^(?:(?:(?!https?:\/\/)[\p{L}\p{N} ,.;?!])+|[\s\S])/u;

/** The text as a fragment: blocks line by line, and what stands in the lines. */
export function markdown(text) {
  const out = document.createDocumentFragment();
  for (const part of text.split(/(```[\s\S]+?```)/)) {
    if (part.startsWith("```")) out.append(inline(part));
    else blocks(part, out);
  }
  return out;
}

const BLOCK = /^(?:(>>> )|(> )|([-*] )|(\d+\. )|(#{1,3} )|(-# ))(?=.)/;

function blocks(text, out) {
  const lines = text.split("\n");
  for (let at = 0; at < lines.length;) {
    const [begin, all, quote, bullet, number, heading, small] = BLOCK.exec(lines[at]) ?? [];
    if (!begin) {
      const plain = [];
      do plain.push(lines[at]);
      while (++at < lines.length && !BLOCK.test(lines[at]));
      out.append(inline(plain.join("\n")));
      continue;
    }
    const isOf = (line) => all || (number ? /^\d+\. /.test(line) : line.startsWith(begin));
    const same = [];
    do same.push(lines[at].slice(number && same.length ? lines[at].indexOf(" ") + 1 : all && same.length ? 0 : begin.length));
    while (++at < lines.length && isOf(lines[at]) && !heading && !small);
    if (all || quote) out.append(quoted(same.join("\n")));
    else if (bullet || number) out.append(el(bullet ? "ul" : "ol", { start: parseInt(number, 10) || null }, ...same.map((line) => el("li", {}, inline(line)))));
    else out.append(el("p", { class: small ? "subtext" : `heading level-${heading.trim().length}` }, inline(same[0])));
  }
}

function quoted(text) {
  const node = el("blockquote");
  blocks(text, node);
  return node;
}

function inline(text) {
  const out = document.createDocumentFragment();
  for (let rest = text; rest;) {
    const rule = INLINE.find(([pattern]) => pattern.test(rest));
    const match = rule ? rule[0].exec(rest) : PLAIN.exec(rest);
    out.append(rule ? rule[1](match) : match[0]);
    rest = rest.slice(match[0].length);
  }
  out.normalize();
  return out;
}

const link = (url, text) =>
  el("a", { href: safeUrl(url) ?? "#", target: "_blank", rel: "noopener noreferrer" }, text);

const roleOf = (id) => state.commands.targets.find((each) => each.kind === "role" && each.id === id)?.name ?? "role";

function spoiler(text) {
  const node = el("button", { type: "button", class: "spoiler", "aria-label": "Spoiler: show it", click: () => lift(node) }, el("span", { inert: true }, inline(text)));
  return node;
}

/** Let a spoiler be read. */
export function lift(node) {
  if (node.matches("button")) node.replaceWith(el("span", { class: "spoiler open" }, ...node.firstChild.childNodes));
}

const STYLES = {
  t: { timeStyle: "short" }, T: { timeStyle: "medium" }, d: { dateStyle: "short" }, D: { dateStyle: "long" },
  f: { dateStyle: "long", timeStyle: "short" }, F: { dateStyle: "full", timeStyle: "short" },
};

function time(unix, style) {
  const at = new Date(unix * 1000);
  const full = new Intl.DateTimeFormat(undefined, STYLES.F).format(at);
  const text = style === "R" ? ago(unix) : new Intl.DateTimeFormat(undefined, STYLES[style]).format(at);
  return el("time", { dateTime: at.toISOString(), title: full, "data-unix": style === "R" ? `${unix}` : null }, text);
}

function ago(unix) {
  const seconds = Math.round(unix - now() / 1000);
  const units = [["year", 31536000], ["month", 2592000], ["day", 86400], ["hour", 3600], ["minute", 60], ["second", 1]];
  const [unit, size] = units.find(([, each]) => Math.abs(seconds) >= each) ?? units[5];
  return new Intl.RelativeTimeFormat("en", { numeric: "always" }).format(Math.trunc(seconds / size), unit);
}

/** Let all relative times count. */
export function tick() {
  for (const node of document.querySelectorAll("time[data-unix]")) {
    const text = ago(Number(node.dataset.unix));
    if (node.textContent !== text) node.textContent = text;
  }
}
