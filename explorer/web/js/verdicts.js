// What the networks read, in words and as ten bars.

import { mountBars } from "./bars.js";
import { dataSet } from "./data_set.js";
import { find } from "./nodes.js";
import { badge, dissent, doubt, verdict } from "./sentences.js";
import { tally } from "./tally.js";
import { marksOf } from "./votes.js";

/** @typedef {import("./votes_source.js").Poll} Poll */

/**
 * @param {HTMLElement} element
 * @param {import("./grouping.js").Voter[]} voters
 * @param {{ norms: import("./sentences.js").Norms, sentences: import("./sentences.js").Templates, nothing: string }} props
 */
export const mountVerdicts = (element, voters, { norms, sentences, nothing }) => {
  const marks = marksOf(voters, norms);
  const bars = mountBars(find(element, ".bars"), "The mean probabilities", marks);
  const said = find(element, ".verdict");
  const badges = find(element, ".badge");
  /** @param {Record<string, string>} texts by class; what is the same is left alone, so that it is spoken once */
  const write = (texts) => {
    for (const [name, text] of Object.entries(texts))
      if (find(element, name).textContent !== text) find(element, name).textContent = text;
  };

  /**
   * Says a sentence in place of a verdict.
   * @param {string} text
   * @param {boolean} isError
   */
  const say = (text, isError) => {
    said.classList.toggle("error", isError);
    badges.classList.remove("unlike");
    write({ ".verdict": text, ".said-again": text, ".doubt": "", ".dissent": "", ".badge": "" });
    bars.show(null);
  };
  /** @param {Poll} poll */
  const show = ({ voters: asked, probs, unlike: reasons }) => {
    const { hasDigits } = dataSet();
    const unlike = hasDigits ? reasons : []; // likeness is of MNIST's digits
    if (!asked.length) return say(nothing, false);
    const some = asked.map((index) => voters[index]);
    const counted = tally(some, probs);
    const text = verdict(sentences, counted, unlike);
    said.classList.remove("error");
    badges.classList.toggle("unlike", unlike.length > 0);
    write({
      ".verdict": text,
      ".said-again": text,
      ".doubt": doubt(sentences, counted.means, unlike),
      ".dissent": dissent(sentences, norms, counted),
      ".badge": hasDigits ? badge(sentences, unlike) : "",
    });
    bars.show(counted.means, counted.byNorm);
  };
  return { say, show };
};
