// Ten bars, a probability for each digit, with the norms' means as marks on them.

import { makeSvg } from "./charts.js";
import { dataSet, nameOf } from "./data_set.js";
import { asImage, make } from "./nodes.js";
import { symbolPath } from "./symbols.js";

/** @typedef {import("./symbols.js").Symbol} Symbol */
/** @typedef {{ norm: string, words: string, hue: string, symbol: Symbol }} Mark */

const WIDTH = 30; // of the column of a digit; all numbers are pixels of a chart 300 wide
const BASE = 76;
const TALL = 70; // a probability of 1
const LOW = 104; // the foot of the words
const LEANS = 14; // to the left, the first name
const SLANTED = 26; // more room for names of classes
const LEAST = 0.01; // probabilities below are neither written nor said

/**
 * @param {HTMLElement} node
 * @param {string} title
 * @param {Mark[]} marks
 */
export const mountBars = (node, title, marks = []) => {
  const areWords = dataSet().classes.some((one) => one.length > 2); // turned, so that they fit
  const low = LOW + (areWords ? SLANTED : 0);
  const svg = makeSvg("svg", {
    viewBox: areWords ? `-${LEANS} 0 ${10 * WIDTH + LEANS} ${low}` : `0 0 ${10 * WIDTH} ${low}`,
    class: "ten",
  });
  /** @param {number} prob */
  const y = (prob) => BASE - TALL * prob;
  svg.append(makeSvg("path", { d: `M0 ${BASE + 0.5}H${10 * WIDTH}`, class: "rule" }));
  const columns = Array.from({ length: 10 }, (_, digit) => {
    const left = WIDTH * digit;
    const bar = makeSvg("rect", { x: left + 3, width: WIDTH - 6, class: "prob" });
    const middle = left + WIDTH / 2;
    const percent = makeSvg("text", { x: middle, y: low - 2, class: "percent" });
    const name = makeSvg("text", { x: middle, y: LOW - 14, class: "name" });
    if (areWords) {
      name.classList.add("word");
      name.setAttribute("transform", `rotate(-40 ${middle} ${LOW - 14})`);
    }
    name.textContent = nameOf(digit);
    const points = marks.map(({ norm, hue, symbol }, index) => {
      const across = left + (WIDTH * (index + 1)) / (marks.length + 1);
      const d = symbolPath(symbol, 0, 0, 3.2);
      return { norm, across, point: makeSvg("path", { d, fill: hue, class: "mark" }) };
    });
    svg.append(bar, name, percent, ...points.map(({ point }) => point));
    return { bar, percent, name, points };
  });
  node.replaceChildren(svg, ...(marks.length ? [keysOf(marks)] : []));

  /**
   * @param {number[] | null} means null where nothing is asked
   * @param {Record<string, number[]>} [norms]
   */
  const show = (means, norms = {}) => {
    const top = means ? means.indexOf(Math.max(...means)) : -1;
    columns.forEach(({ bar, percent, name, points }, digit) => {
      const prob = means?.[digit] ?? 0;
      for (const part of [bar, percent, name]) part.classList.toggle("top", digit === top);
      bar.setAttribute("y", String(y(prob)));
      bar.setAttribute("height", String(TALL * prob));
      percent.textContent = prob >= LEAST ? percentOf(prob) : "";
      for (const { norm, across, point } of points) {
        const at = norms[norm]?.[digit];
        point.style.display = at === undefined ? "none" : "";
        point.setAttribute("transform", `translate(${across} ${y(at ?? 0)})`);
      }
    });
    asImage(svg, means ? `${title}: ${inWords(means)}` : title);
  };
  show(null);
  return { show };
};

/** @param {Mark[]} marks */
const keysOf = (marks) => {
  const keys = make("p", "keys", "bars: all networks");
  for (const { norm, words, hue, symbol } of marks) {
    const icon = makeSvg("svg", { viewBox: "-5 -5 10 10", "aria-hidden": "true" });
    icon.append(makeSvg("path", { d: symbolPath(symbol, 0, 0, 3.6), fill: hue }));
    const key = make("span");
    key.title = words;
    key.append(icon, norm);
    keys.append(key);
  }
  return keys;
};

/** @param {number} prob */
const percentOf = (prob) => `${Math.round(100 * prob)}%`;

/** @param {number[]} means */
const inWords = (means) =>
  [...means.keys()]
    .filter((digit) => means[digit] >= LEAST)
    .sort((a, b) => means[b] - means[a])
    .map((digit) => `${nameOf(digit)} ${percentOf(means[digit])}`)
    .join(", ");
