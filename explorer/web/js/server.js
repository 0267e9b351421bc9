// Questions to the server.

import { handBack } from "./own_copies.js";
import { visit } from "./visit.js";

const TRIES = 5; // a question is about four networks at most, and the server may miss one after another

/**
 * A function of the server's. Gradio swallows most failures itself and answers undefined.
 * @template Q, A
 * @typedef {(question: Q) => Promise<A | undefined>} ServerFunction
 */
/**
 * An answer, or an error to show; what is missing is undefined. `lost` are networks of this visit that the server lacks.
 * @template A
 * @typedef {Partial<A> & { error?: string, lost?: string[] }} Answer
 */

/**
 * Asks a function of the server in the name of this visit. Networks of this visit that the server lacks are handed back to it.
 * @template {object} Q
 * @template {object} A
 * @param {ServerFunction<Q & { visit: string }, A>} ask
 * @param {Q} question
 * @param {string} again how to ask again, a sentence
 * @returns {Promise<Answer<A>>}
 */
export const answerTo = async (ask, question, again = "Choose again to ask again.") => {
  /** @type {Answer<A> | undefined} */
  let answer;
  for (let tries = 0; tries < TRIES; tries++) {
    try {
      answer = await ask({ ...question, visit });
    } catch {
      // The connection broke: treated like no answer.
    }
    if (!answer?.lost || !(await handBack(answer.lost))) break;
  }
  if (answer) return answer;
  return /** @type {Answer<A>} */ ({ error: `The explorer does not answer. ${again}` });
};
