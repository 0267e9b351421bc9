// Questions to the server.

import { visit } from "./visit.js";

/**
 * A function of the server's. Gradio swallows most failures itself and answers undefined.
 * @template Q, A
 * @typedef {(question: Q) => Promise<A | undefined>} ServerFunction
 */
/**
 * An answer, or an error to show; what is missing is undefined.
 * @template A
 * @typedef {Partial<A> & { error?: string }} Answer
 */

/**
 * Asks a function of the server in the name of this visit.
 * @template {object} Q
 * @template {object} A
 * @param {ServerFunction<Q & { visit: string }, A>} ask
 * @param {Q} question
 * @param {string} again how to ask again, a sentence
 * @returns {Promise<Answer<A>>}
 */
export const answerTo = async (ask, question, again = "Choose again to ask again.") => {
  /** @type {A | undefined} */
  let answer;
  try {
    answer = await ask({ ...question, visit });
  } catch {
    // The connection broke: treated like no answer.
  }
  if (answer) return answer;
  return /** @type {Answer<A>} */ ({ error: `The explorer does not answer. ${again}` });
};
