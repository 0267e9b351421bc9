// Votes by the visitor's device, as a source that the pad asks in place of the server.

import { readOf } from "./tally.js";
import { isFramed } from "./votes_source.js";

/** @typedef {import("./device_messages.js").Files} Files */
/** @typedef {import("./device_messages.js").Measured} Measured */
/** @typedef {import("./votes_source.js").VotesSource} VotesSource */
/** @typedef {import("./votes_source.js").Reading} Reading */
/**
 * Sentences on what the device measures.
 * @typedef {object} Words
 * @property {[less: string, more: string][]} reasons why a digit is unlike MNIST's, for a small and a large value of every measure
 * @property {Record<"blank" | "full" | "thin", string>} refusals of pictures without a digit
 * @property {{ name: string, unit: string }[]} measures
 */

/**
 * A network that does not vote, as the server's view "weights" lists it: with the address of its weights, or their bytes.
 * @typedef {{ key: string, name?: string, words: string, hue: string, address?: string, weights?: Uint8Array }} Beside
 */

/**
 * The networks that the device reads beside the voters.
 * @param {Pick<import("./device.js").Device, "add" | "remove">} device
 */
export const networksBeside = (device) => {
  /** @type {Map<string, Beside>} */
  let kept = new Map();
  /** @type {Set<string>} */
  const missing = new Set();
  /** @param {string} key */
  const describe = (key) => {
    const { name, words = key, hue = "" } = kept.get(key) ?? {};
    return { name, words, hue };
  };
  return {
    /** @param {Beside[]} networks all that there are from now on */
    set(networks) {
      const wanted = new Map(networks.map((network) => [network.key, network]));
      for (const key of kept.keys()) if (!wanted.has(key)) device.remove(key);
      for (const { key, address, weights } of networks)
        if (!kept.has(key)) {
          missing.delete(key);
          device.add(key, address ?? weights ?? "");
        }
      kept = wanted;
    },
    /**
     * Notes that the weights of a network did not come. Returns false where there is no such network.
     * @param {string} key
     */
    miss: (key) => kept.has(key) && Boolean(missing.add(key)),
    /**
     * Readings of the networks, and those that are missing.
     * @param {import("./device_messages.js").Answered["added"]} added
     * @returns {Reading[]}
     */
    readings: (added) => [
      ...added.map(({ name, probs }) => readingOf(describe(name), probs)),
      ...[...kept.keys()]
        .filter((key) => missing.has(key))
        .map((key) => ({ ...describe(key), error: "its weights could not be loaded" })),
    ],
  };
};

/**
 * Reasons why a digit is unlike MNIST's.
 * @param {Words} words
 * @param {Measured[]} measures
 */
export const unlike = ({ reasons }, measures) =>
  measures.flatMap(({ unusual }, place) => (unusual ? [reasons[place][unusual > 0 ? 1 : 0]] : []));

/**
 * Measures with their names and units.
 * @param {Words} words
 * @param {Measured[]} measures
 * @returns {import("./votes_source.js").Measure[]}
 */
export const named = ({ measures: names }, measures) =>
  measures.map(({ value, below }, place) => ({ ...names[place], value, below }));

/**
 * A source that asks the device, and the server what the device cannot answer.
 * @param {Pick<import("./device.js").Device, "ask">} device
 * @param {Words} words
 * @param {(added: import("./device_messages.js").Answered["added"]) => Reading[]} readings of the networks beside the voters
 * @param {VotesSource} server
 * @returns {VotesSource}
 */
export const deviceVotes = (device, words, readings, server) => ({
  name: "device",
  ask: async (picture, lab, options) => {
    const { pixels } = picture;
    try {
      const answer = await device.ask({ pixels, isDigit: isFramed(picture), lab }, options.first);
      if (answer.kind === "refused") return { by: "device", error: words.refusals[answer.reason] };
      const { networks, probs, seen, added } = answer;
      const poll = {
        voters: networks,
        probs,
        seen,
        unlike: unlike(words, answer.measures),
        measures: named(words, answer.measures),
      };
      return { by: "device", ...poll, others: options.first ? undefined : readings(added) };
    } catch {
      return server.ask(picture, lab, options);
    }
  },
});

/**
 * @param {{ words: string, hue: string, name?: string }} description
 * @param {Float32Array} probs
 * @returns {Reading}
 */
const readingOf = (description, probs) => {
  const digit = readOf(probs, 0);
  return { ...description, digit, percent: Math.round(100 * probs[digit]) };
};
