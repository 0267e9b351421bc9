// All pairs of the configurations of a study: a triangle of cells coloured by outcome, each a link to the comparison of its pair.

import { chooseLinked, linked, queryOf } from "./address.js";
import { fill, find, make } from "./nodes.js";

/** @typedef {import("./lines.js").Line} Line */
/** @typedef {"different" | "equivalent" | "undecided"} Outcome */
/**
 * Pairs of a study, row by row of the upper triangle.
 * @typedef {object} Pairs
 * @property {string} study
 * @property {string} label
 * @property {string} summary
 * @property {string[]} configs the best mean first
 * @property {string[]} marks short names of them: numbers of published rows, else places
 * @property {string} outcomes a first letter each
 * @property {number[]} halves of the intervals, thousandths of a point
 */
/** @typedef {Record<Outcome, string>} Sentences with {a}, {b}, {mean_a}, {mean_b}, {gap} and {half} */

/** @type {Outcome[]} */
const OUTCOMES = ["different", "equivalent", "undecided"];
const SIGNS = { different: "≠", equivalent: "=", undecided: "" };
const LABELS = { different: "different", equivalent: "equivalent", undecided: "too close to call" };

/**
 * Index of a pair among the pairs of `count` things.
 * @param {number} first
 * @param {number} second above the first
 * @param {number} count
 */
export const indexOf = (first, second, count) =>
  first * count - (first * (first + 1)) / 2 + second - first - 1;

/**
 * A sentence with its values in the place of their names.
 * @param {string} sentence
 * @param {Record<string, string>} values
 */
export const fillIn = (sentence, values) =>
  sentence.replace(/\{(\w+)\}/g, (_, name) => values[name]);

/**
 * @param {Pairs} pairs
 * @param {number} first
 * @param {number} second
 * @returns {Outcome}
 */
const outcomeOf = ({ outcomes, configs }, first, second) => {
  const letter = outcomes[indexOf(first, second, configs.length)];
  return OUTCOMES.find((outcome) => outcome[0] === letter) ?? "undecided";
};

/**
 * @param {HTMLElement} element
 * @param {{ pairs: Pairs[], lines: Line[], sentences: Sentences }} answer
 * @param {() => void} changed
 */
export const mountPairs = (element, { pairs, lines, sentences }, changed) => {
  const part = find(element, ".pairs");
  const select = find(part, "select.matrix", HTMLSelectElement);
  const table = find(part, "table");
  const readout = find(part, ".readout");
  const byConfig = new Map(lines.map((line) => [line.config, line]));
  part.hidden = !pairs.length;
  if (!pairs.length) return { restore() {}, study: () => "" };
  let shown = pairs[0];
  /** @type {HTMLAnchorElement[][]} cells by row, from the second configuration on */
  let cells = [];

  /** @param {number} index */
  const lineAt = (index) => /** @type {Line} */ (byConfig.get(shown.configs[index]));
  /**
   * @param {number} better
   * @param {number} worse
   */
  const sentenceOf = (better, worse) => {
    const [a, b] = [lineAt(better), lineAt(worse)];
    const [first, second] = [Number(a.mean), Number(b.mean)];
    const half = shown.halves[indexOf(better, worse, shown.configs.length)] / 1000;
    const values = {
      a: a.name,
      b: b.name,
      mean_a: first.toFixed(3),
      mean_b: second.toFixed(3),
      gap: (first - second).toFixed(3),
      half: half.toFixed(3),
    };
    return fillIn(sentences[outcomeOf(shown, better, worse)], values);
  };
  /**
   * @param {number} better
   * @param {number} worse
   */
  const makeCell = (better, worse) => {
    const outcome = outcomeOf(shown, better, worse);
    const link = make("a", outcome, SIGNS[outcome]);
    const sentence = sentenceOf(better, worse);
    link.href = `?${queryOf("compare", { a: shown.configs[better], b: shown.configs[worse] })}`;
    link.tabIndex = -1; // one cell of the grid is reached by Tab, the others by arrow keys
    link.setAttribute("aria-label", sentence);
    const show = () => (readout.textContent = sentence);
    link.addEventListener("pointerenter", show);
    link.addEventListener("focus", () => {
      for (const other of cells.flat()) other.tabIndex = -1;
      link.tabIndex = 0;
      show();
    });
    return link;
  };
  const paint = () => {
    find(part, ".summary").textContent = shown.summary;
    readout.textContent =
      "Rows and columns: the best mean first. Point at a pair, tap it, or move with the arrow keys; a click compares the two.";
    cells = shown.configs
      .slice(1)
      .map((_, index) =>
        Array.from({ length: index + 1 }, (_, better) => makeCell(better, index + 1)),
      );
    const top = make("tr", "top");
    top.setAttribute("role", "row");
    const numbers = shown.marks.slice(0, -1).map((mark) => make("th", "", mark));
    top.append(make("td"), ...numbers);
    const rows = [[], ...cells].map((links, index) => {
      const row = make("tr");
      row.setAttribute("role", "row");
      const head = make("th", "", `${shown.marks[index]}  ${lineAt(index).name}`);
      head.setAttribute("role", "rowheader");
      row.append(head);
      for (const link of links) {
        const cell = make("td");
        cell.setAttribute("role", "gridcell");
        cell.append(link);
        row.append(cell);
      }
      return row;
    });
    table.replaceChildren(top, ...rows);
    cells[0][0].tabIndex = 0;
  };

  table.addEventListener("keydown", (event) => {
    const row = cells.findIndex((links) => links.some((link) => link === event.target));
    const column = cells[row]?.findIndex((link) => link === event.target);
    /** @type {Record<string, [number, number]>} */
    const moves = {
      ArrowLeft: [row, column - 1],
      ArrowRight: [row, column + 1],
      ArrowUp: [row - 1, column],
      ArrowDown: [row + 1, column],
      Home: [row, 0],
      End: [row, row],
    };
    const move = moves[event.key];
    if (!move || row < 0) return;
    event.preventDefault();
    cells[move[0]]?.[move[1]]?.focus();
  });
  fill(
    select,
    pairs.map(({ study, label }) => [study, label]),
  );
  const choose = () => {
    shown = pairs.find(({ study }) => study === select.value) ?? pairs[0];
    paint();
  };
  select.addEventListener("change", () => {
    choose();
    changed();
  });
  find(part, ".marks").replaceChildren(
    ...OUTCOMES.map((outcome) => {
      const item = make("li");
      item.append(make("span", `outcome ${outcome}`, SIGNS[outcome]), LABELS[outcome]);
      return item;
    }),
  );
  return {
    /** The study that the address names. */
    restore() {
      chooseLinked(select, linked("table").get("pairs"));
      choose();
    },
    study: () => (shown === pairs[0] ? "" : shown.study),
  };
};
