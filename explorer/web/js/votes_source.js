// Where votes come from: a source answers what the networks read in a picture. The server is one; a device may be another.

import { toBase64, toBytes } from "./files.js";
import { answerTo } from "./server.js";

/**
 * A picture: a drawing of 112 x 112 grey levels, paper 0 and full ink 255, or an image of MNIST's test set by its number.
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
 * @property {Reading[]} [others] networks of the visit, and further ones; while the pen moves they are not asked
 */
/** @typedef {"device" | "server"} Computer where the votes were computed */
/** @typedef {import("./server.js").Answer<Poll> & { by: Computer }} Answered */
/**
 * @typedef {object} VotesSource
 * @property {Computer} name who computes as a rule; `by` of an answer says who did
 * @property {(picture: Picture, lab: Lab, options: { first: boolean, further: string[] }) => Promise<Answered>} ask
 *   With `first` one seed of each configuration votes, else all that there are.
 */
/** @typedef {{ voters: number[], probs: string, seen: string, unlike: string[], others?: Reading[] }} Written */
/** @typedef {({ image: number } | { pixels: string })} Sent a picture as the server takes it */
/** @typedef {Sent & { lab: Lab, first: boolean, further: string[] }} Question */

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
    const question = { ...toSent(picture), lab, ...options };
    const { error, voters, probs, seen, unlike, others } = await answerTo(
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
      others,
    };
  },
});
