// Where votes come from: a source answers what the networks read in a picture. The server is one; a device may be another.

import { toBase64, toBytes } from "./files.js";
import { answerTo } from "./server.js";
import { get } from "./store.js";

/**
 * A picture, paper 0 and full ink 255: a drawing of 112 x 112 grey levels, or a digit of 28 x 28 framed as MNIST's; an image of its test set has a number.
 * @typedef {{ pixels: Uint8Array, image: number | null }} Picture
 */
/** @typedef {import("./laboratory.js").Settings | null} Lab */
/** @typedef {{ name?: string, words: string, hue: string } & ({ digit: number, percent: number, error?: undefined } | { error: string })} Reading of a network that does not vote, or why there is none */
/**
 * @typedef {object} Poll
 * @property {number[]} voters indices of those that were asked
 * @property {Float32Array} probs ten for each of them
 * @property {Uint8Array} seen the 784 grey levels that they read
 * @property {string[]} unlike reasons why the digit is unlike MNIST's
 * @property {Measure[]} measures of the digit beside MNIST's
 * @property {Reading[]} [others] networks of the visit, and further ones; while the pen moves they are not asked
 */
/** @typedef {{ name: string, unit: string, value: number, below: number }} Measure `below`: percent of MNIST's training digits with less */
/** @typedef {"device" | "server"} Computer where the votes were computed */
/** @typedef {import("./server.js").Answer<Poll> & { by: Computer }} Answered */
/**
 * @typedef {object} VotesSource
 * @property {Computer} name who computes as a rule; `by` of an answer says who did
 * @property {(picture: Picture, lab: Lab, options: { first: boolean, further: string[] }) => Promise<Answered>} ask
 *   With `first` one seed of each configuration votes, else all that there are.
 */
/** @typedef {{ voters: number[], probs: string, seen: string, unlike: string[], measures: Measure[], others?: Reading[] }} Written */
/** @typedef {({ image: number } | { pixels: string })} Sent a picture as the server takes it */
/** @typedef {Sent & { lab: Lab, first: boolean, further: string[], own: string[] }} Question `own`: networks of this visit */

/**
 * Whether a picture is framed as MNIST's digits are.
 * @param {Picture} picture
 */
export const isFramed = ({ pixels }) => pixels.length === 784;

/**
 * @param {Picture} picture
 * @returns {Sent}
 */
export const toSent = ({ pixels, image }) =>
  image === null ? { pixels: toBase64(pixels) } : { image };

/**
 * @param {import("./server.js").ServerFunction<Question & { visit: string }, Written>} ask
 * @returns {VotesSource}
 */
export const serverVotes = (ask) => ({
  name: "server",
  ask: async (picture, lab, options) => {
    const own = options.first ? [] : get("own").map(({ name }) => name);
    const question = { ...toSent(picture), lab, ...options, own };
    const { error, voters, probs, seen, unlike, measures, others } = await answerTo(
      ask,
      question,
      "Draw on to ask again.",
    );
    if (probs === undefined || !seen) return { by: "server", error };
    return {
      by: "server",
      voters,
      probs: new Float32Array(toBytes(probs).buffer),
      seen: toBytes(seen),
      unlike,
      measures,
      others,
    };
  },
});
