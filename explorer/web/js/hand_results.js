// The score of a test of the visitor's hand on the page, and the files that keep its digits.

import { toNpz, toZip } from "./digit_sets.js";
import { save, saveCsv } from "./files.js";
import { scoreOf } from "./hand_score.js";
import * as words from "./hand_words.js";
import { countAnswer, find, make, makeRow } from "./nodes.js";
import { makeDigit } from "./paper.js";
import { saveView } from "./picture.js";
import { marksOf } from "./votes.js";

/** @typedef {import("./hand_test.js").HandTest} HandTest */
/** @typedef {import("./hand_test.js").Drawn} Drawn */
/** @typedef {import("./hand_score.js").Digit} Digit */
/** @typedef {import("./files.js").Table} Table */

const FILE = "my-digits"; // without its ending
const PIXELS = 784;

/**
 * The digits as a set of 28 x 28 images with labels.
 * @param {Drawn[]} drawn
 * @returns {import("./digit_sets.js").DigitSet}
 */
export const setOf = (drawn) => {
  const images = new Uint8Array(PIXELS * drawn.length);
  drawn.forEach(({ poll }, place) => images.set(poll.seen, PIXELS * place));
  return { images, labels: Uint8Array.from(drawn, ({ label }) => label) };
};

/**
 * @param {HTMLElement} element
 * @param {import("./hand_score.js").Voter[]} voters
 * @param {import("./sentences.js").Norms} norms
 * @param {{ show: (strokes: import("./strokes.js").Stroke[]) => void }} pad
 */
export const mountResults = (element, voters, norms, { show }) => {
  const box = find(element, ".score");
  const marks = new Map(marksOf(voters, norms).map((mark) => [mark.norm, mark]));
  /** @type {Drawn[]} */
  let drawn = [];
  /** @type {Record<"configurations" | "digits", Table>} */
  let tables = { configurations: { headers: [], data: [] }, digits: { headers: [], data: [] } };
  /** @param {string} name @param {string} text */
  const write = (name, text) => (find(box, name).textContent = text);

  /**
   * A norm's score: a sentence, and its interval from 0 to 100 %.
   * @param {import("./set_scores.js").Score} score
   * @param {number} n
   */
  const makeNorm = (score, n) => {
    const line = make("li");
    const { hue = "", symbol = "circle" } = marks.get(score.norm) ?? {};
    line.style.setProperty("--hue", hue);
    const dot = make("i", "dot");
    dot.dataset.shape = symbol;
    dot.style.left = `${100 * score.share}%`;
    const span = make("i", "span");
    span.style.left = `${100 * score.interval.low}%`;
    span.style.width = `${100 * (score.interval.high - score.interval.low)}%`;
    const track = make("div", "track");
    track.setAttribute("aria-hidden", "true");
    track.append(span, dot);
    line.append(make("span", "sentence", words.normScore(score, n)), track);
    return line;
  };

  /**
   * A drawn digit as a button that puts its strokes on the pad.
   * @param {Digit} digit
   * @param {number} place
   */
  const makeDrawn = ({ label, all: { read, networks } }, place) => {
    const line = make("li");
    const button = make("button");
    button.type = "button";
    const counts = make("span", "count");
    button.setAttribute(
      "aria-label",
      `Your ${label}: ${read} of ${networks} networks read it. Put it on the pad`,
    );
    button.classList.toggle("unread", !read);
    counts.append(make("span", "", read), " ", make("span", "", `of ${networks}`));
    button.append(makeDigit(drawn[place].poll.seen), make("b", "", label), counts);
    button.addEventListener("click", () => {
      for (const other of box.querySelectorAll(".drawn button"))
        other.setAttribute("aria-pressed", String(other === button));
      show(drawn[place].strokes);
      for (const name of [".said", ".frame"])
        // the verdict, then at least the pad
        find(element, name).scrollIntoView({ block: "nearest" });
    });
    line.append(button);
    return line;
  };

  /**
   * @param {string} name of a fold
   * @param {Table} table
   */
  const paintTable = (name, { headers, data }) => {
    const body = data.map((cells) => {
      const row = makeRow("td", /** @type {string[]} */ (cells));
      const head = make("th", "", String(cells[0]));
      head.scope = "row";
      row.firstElementChild?.replaceWith(head);
      return row;
    });
    const head = makeRow("th", headers);
    for (const cell of head.querySelectorAll("th")) cell.scope = "col";
    find(box, `.${name} thead`).replaceChildren(head);
    find(box, `.${name} tbody`).replaceChildren(...body);
  };

  for (const name of /** @type {const} */ (["configurations", "digits"]))
    find(box, `.${name} .csv`).addEventListener("click", () =>
      saveCsv(`my-digits-${name}`, tables[name]),
    );
  find(box, ".sheet-png").addEventListener("click", () => saveView(FILE, [find(box, ".sheet")]));
  find(box, ".npz").addEventListener("click", async () =>
    save(`${FILE}.npz`, await toNpz(setOf(drawn))),
  );
  find(box, ".zip").addEventListener("click", async () =>
    save(`${FILE}.zip`, await toZip(setOf(drawn))),
  );

  return {
    /** @param {HandTest} test */
    paint(test) {
      drawn = test.drawn;
      const score = scoreOf(voters, drawn);
      const { n, networks, norms: scored, digits } = score;
      write(
        ".score-title",
        `Your ${n === 1 ? "digit" : `${n} digits`}, read by ${networks} networks`,
      );
      find(box, ".norm-scores").replaceChildren(...scored.map((norm) => makeNorm(norm, n)));
      write(".differ", words.normsDiffer(score));
      write(".divided-by", words.dividing(score));
      write(".unread-by", words.unread(score));
      write(".look", words.look(score));
      find(box, ".drawn").replaceChildren(...digits.map(makeDrawn));
      tables = {
        configurations: words.configurationTable(score),
        digits: words.digitTable(score),
      };
      for (const [name, table] of Object.entries(tables)) paintTable(name, table);
      countAnswer(box);
    },
  };
};
