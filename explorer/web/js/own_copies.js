// This page's copies of the networks that it trained or loaded. They outlive a reload, and the server, which gets them back where a view needs it.

import { forgetOld, put, readNetworks, removeNetwork } from "./database.js";
import { toBase64, toBytes } from "./files.js";
import { keep, kept } from "./kept.js";
import { askVisit, back, beat, watchBeats } from "./presence.js";
import { get, OWN, set } from "./store.js";
import { copied, isKept, lockOf, visit } from "./visit.js";

/** @typedef {import("./store.js").OwnNetwork} OwnNetwork */
/** @typedef {Omit<OwnNetwork, "content" | "weights"> & { content: string, weights: string, error?: string }} Sent as the server sends it, with files as base64 */

const LAST = "last network";
let last = Number(kept(LAST)); // number of the newest network that this visit has had
let most = Infinity;
let isUnread = false; // what was kept could not be read

/** Number of the newest network that this visit has had: further ones get higher ones. */
export const lastNumber = () => last;

/** @param {string} name */
const numberOf = (name) => Number(name.slice(OWN.length));

/** @param {OwnNetwork} network */
const write = async (network) => {
  if (!(isKept && (await put("networks", { visit, name: network.name, record: network }))))
    set("unkept", true);
};

/** @param {OwnNetwork[]} networks */
const show = (networks) => {
  const all = [...networks].sort((a, b) => numberOf(a.name) - numberOf(b.name));
  const gone = all.splice(0, Math.max(0, all.length - most));
  for (const { name } of gone) removeNetwork(visit, name);
  last = Math.max(last, ...all.map(({ name }) => numberOf(name)));
  keep(LAST, String(last));
  set("own", all);
};

/** @param {OwnNetwork} network */
const change = (network) => {
  show([...get("own").filter(({ name }) => name !== network.name), network]);
  return write(network);
};

/** @param {Sent} sent */
const take = ({ content, weights, ...record }) => {
  return change({ ...record, content: toBytes(content), weights: toBytes(weights) });
};

/** @type {Map<string, Promise<void>>} */
const fetching = new Map();

/**
 * Fetches a network of this visit that the server has.
 * @param {string} name
 */
export const fetchNetwork = (name) => {
  const fetchIt = async () => {
    if (get("own").some((network) => network.name === name)) return;
    /** @type {Sent} */
    const sent = await askVisit({ view: "file", name });
    if (!sent.error) await take(sent);
  };
  const under = fetching.get(name) ?? fetchIt().finally(() => fetching.delete(name));
  fetching.set(name, under);
  return under;
};

/**
 * Hands networks back to the server. Resolves to whether it has them all now.
 * @param {string[]} names
 */
export const handBack = async (names) => {
  for (const name of names) {
    const network = get("own").find((one) => one.name === name);
    if (!network) return false;
    const question = { view: "put back", name, content: toBase64(network.content) };
    const { error, trained } = await askVisit(question).catch(() => ({ error: "no answer" }));
    if (error) return false;
    if (trained !== network.trained) await change({ ...network, trained }); // it has another key
  }
  return true;
};

/** Hands those networks back that the server lacks, before a question about all of them. */
export const handBackAll = async () => {
  await ready;
  if (!get("own").length) return;
  let answer = await beat();
  while (!answer) {
    await back();
    answer = await beat();
  }
  await handBack(answer.missing);
};

/** @param {string} name */
export const removeOwn = (name) => {
  show(get("own").filter((network) => network.name !== name));
  removeNetwork(visit, name);
  askVisit({ view: "remove", name }).catch(() => {}); // the server forgets it in any case
};

/**
 * Loads a network from a file. Resolves to an error, a sentence, or nothing.
 * @param {File} file
 * @returns {Promise<string | undefined>}
 */
export const loadOwn = async (file) => {
  const content = toBase64(new Uint8Array(await file.arrayBuffer()));
  const sent = await askVisit({ view: "load", file: file.name, content, last });
  if (sent.error) return sent.error;
  await take(sent);
};

const read = async () => {
  const networks = await readNetworks(copied || visit);
  isUnread = !networks;
  if (!networks) set("unkept", true);
  if (!networks?.length) return;
  const own = networks.map(({ record }) => record);
  show([...own, ...get("own")]);
  if (copied) for (const network of own) await write(network);
};

/** @param {import("./presence.js").Beat} beat */
const follow = async ({ networks, most: limit }) => {
  most = limit;
  await ready;
  // Older ones were removed here while the server was away, unless nothing is kept here at all.
  const wanted = networks.filter((name) => isUnread || numberOf(name) > last);
  for (const name of wanted) await fetchNetwork(name);
};

let begin = () => {};
/** Resolves once the kept networks are there. */
export const ready = new Promise((resolve) => (begin = () => resolve(read())));

/** Reads what is kept, and follows what the server has. */
export const startOwn = () => {
  if (!isKept) set("unkept", true);
  begin();
  watchBeats((answer) => void follow(answer).catch(() => {}));
  forgetOld(lockOf);
};
