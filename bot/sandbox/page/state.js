// What the sandbox says, and the way to tell it something. docs/sandbox.md describes both.

export const state = {
  me: null, channel: null, bot: null, isConnected: false, isOnline: false, clockOffset: 0,
  people: new Map(), channels: new Map(), messages: new Map(), interactions: new Map(),
  commands: { is_bot_here: true, server: [], direct: [], targets: [], permissions: {} }, samples: [], switches: [], log: [],
};

export const LOGGED = 300; // lines
const HERE = "here"; // in this tab alone: two tabs may be two people
const listeners = new Map();
const remembered = JSON.parse(sessionStorage.getItem(HERE) ?? "{}");
const read = new Map(remembered.read); // by person and channel: the newest message of that moment
let newestId = "";
let visited = null; // where one is about to be
let here = ""; // who one is, and where
const asked = new Set(); // what was asked in this tab: a modal opens where it was asked for

/** Call `listener` whenever something of this kind has changed. */
export function on(kind, listener) {
  listeners.set(kind, [...(listeners.get(kind) ?? []), listener]);
}

export const emit = (kind, what) => listeners.get(kind)?.forEach((listener) => listener(what));

export const now = () => Date.now() + state.clockOffset;
export const channel = () => state.channels.get(state.channel);
export const nameOf = (id) => (id === state.bot?.id ? state.bot.name : state.people.get(id)?.name ?? "somebody");
export const isForum = ({ type }) => type === 15 || type === 16;
export const titleOf = (place) => (place.is_direct ? `@ ${state.bot.name}` : `${isForum(place) ? "≡" : place.parent ? "›" : "#"} ${place.name}`);
export const isAdministrator = () => state.people.get(state.me).is_administrator;

/** The channels that `me` sees, each with its threads after it. */
export function mine() {
  const all = [...state.channels.values()].filter((each) => !each.is_direct || each.member === state.me);
  return all.filter(({ parent }) => !parent).flatMap((each) => [each, ...all.filter(({ parent }) => parent === each.id)]);
}

/** The commands that `me` is offered in the channel. */
export const offered = () => (channel() && isForum(channel()) ? [] : state.commands[channel()?.is_direct ? "direct" : "server"])
  .filter((command) => !command.hidden_from.includes(`${state.me}:${state.channel}`));

/** The messages of the channel that `me` sees, oldest first. */
export function seen() {
  return [...state.messages.values()].filter(isSeen).sort((a, b) => compareIds(a.id, b.id));
}

const isMine = (message) => !message.seen_by || message.seen_by === state.me;
export const isSeen = (message) => message.channel_id === state.channel && isMine(message);

export const compareIds = (a, b) => a.length - b.length || (a < b ? -1 : a > b ? 1 : 0);

/** Whether others wrote in a channel since `me` was there. */
export const isUnread = ({ id }) => [...state.messages.values()].some((message) => message.channel_id === id
  && message.author.id !== state.me && isMine(message) && compareIds(message.id, read.get(`${state.me}:${id}`) ?? "") > 0);

export const isAsked = ({ id }) => asked.has(id);

/** Do something as `me`; the answer, or an Error with the sandbox's sentence. */
export async function act(action, fields = {}, files = []) {
  const form = new FormData();
  form.append("payload_json", JSON.stringify({ member: state.me, ...fields }));
  for (const [name, file] of files) form.append(name, file, file.name);
  const response = await fetch(`control/${action}`, { method: "POST", body: form }).catch(() => { throw new Error("The sandbox is away: nothing was sent."); });
  const answer = await response.json();
  if (!response.ok) throw new Error(answer.error);
  emit("acted");
  if (answer.state) {
    asked.add(answer.id);
    emit("interaction", state.interactions.get(answer.id) ?? answer); // it may have been answered before
  }
  return answer;
}

/** Go to a channel as soon as it is known. */
export function visit(channelId) {
  visited = channelId;
  if (!state.channels.has(channelId)) return;
  visited = null;
  choose({ channelId });
}

export function choose({ me = state.me, channelId = null }) {
  const direct = channel()?.is_direct ?? false;
  state.me = me;
  state.channel = channelId ?? mine().find((each) => each.is_direct === direct)?.id ?? mine()[0]?.id;
  arrived();
}

/** The channel is before them now, or again after the line was lost. */
function arrived() {
  const before = here;
  here = `${state.me}:${state.channel}`;
  if (here !== before) emit("moved");
  wasRead();
  emit("place");
}

function wasRead() {
  read.set(`${state.me}:${state.channel}`, newestId);
  sessionStorage.setItem(HERE, JSON.stringify({ person: nameOf(state.me), place: titleOf(channel()), read: [...read] }));
}

const received = {
  hello(said) {
    const before = state.me ? { person: nameOf(state.me), place: titleOf(channel()) } : remembered;
    const own = said.bot.id === state.bot?.id ? [...state.messages.values()].filter((each) => each.seen_by) : []; // until a reload
    const byIds = (list) => new Map(list.map((each) => [each.id, each]));
    Object.assign(state, {
      bot: said.bot, isConnected: said.is_connected, commands: said.commands, samples: said.samples,
      switches: said.switches, log: said.log, people: byIds(said.people), channels: byIds(said.channels),
      messages: byIds([...said.messages, ...own]), interactions: byIds(said.interactions),
      clockOffset: Date.parse(said.now) - Date.now(),
    });
    newestId = [...state.messages.keys()].sort(compareIds).at(-1) ?? "";
    for (const person of state.people.keys()) {
      for (const place of state.channels.keys()) if (!read.has(`${person}:${place}`)) read.set(`${person}:${place}`, newestId);
    }
    // After a restart of the sandbox everybody has another id, but the same name.
    const people = [...state.people.values()];
    state.me = (people.find((p) => p.name === before.person) ?? people.find((p) => !p.is_administrator) ?? people[0]).id;
    state.channel = (mine().find((place) => titleOf(place) === before.place) ?? mine()[0]).id;
    for (const kind of ["commands", "switches", "logs", "connection"]) emit(kind);
    arrived();
  },
  channels({ channels }) {
    state.channels = new Map(channels.map((each) => [each.id, each]));
    emit("channels");
    if (visited) visit(visited);
  },
  message({ message }) {
    if (compareIds(message.id, newestId) > 0) newestId = message.id;
    if (message.channel_id === state.channel) wasRead();
    kept(message, "message");
    emit("unread");
  },
  edit: ({ message }) => kept(message, "edit"),
  reaction: ({ message }) => kept(message, "reaction"),
  delete({ message }) {
    state.messages.delete(message.id);
    emit("delete", message);
    emit("unread");
  },
  interaction({ interaction }) {
    state.interactions.set(interaction.id, interaction);
    emit("interaction", interaction);
  },
  commands: ({ commands }) => know("commands", { commands }),
  switches: ({ switches }) => know("switches", { switches }),
  connection: ({ is_connected: isConnected }) => know("connection", { isConnected }),
  clock: ({ now: time }) => know("clock", { clockOffset: Date.parse(time) - Date.now() }),
  log({ entry }) {
    state.log = [...state.log.slice(1 - LOGGED), entry];
    emit("log", entry);
  },
};

const hear = (said) => received[said.type]?.(said);

function know(kind, what) {
  Object.assign(state, what);
  emit(kind);
}

function kept(message, kind) {
  if (message.seen_by && kind !== "message" && !state.messages.has(message.id)) return; // gone with a reload
  state.messages.set(message.id, message);
  if (isSeen(message)) emit(kind, message);
}

/** Stay connected: a sandbox that was restarted is found again. */
export function connect(waitMs = 250) {
  const socket = new WebSocket(`ws://${location.host}/control/socket`);
  socket.onopen = () => { state.isOnline = true; waitMs = 250; };
  socket.onmessage = ({ data }) => { hear(JSON.parse(data)); };
  socket.onclose = () => {
    state.isOnline = false;
    emit("connection");
    setTimeout(() => connect(Math.min(waitMs * 2, 2000)), waitMs);
  };
}
