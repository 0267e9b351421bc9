// The votes: a dot for every network, grouped as the visitor likes, behind the digit that it reads; one network's own bars; a table.

import { linked } from "./address.js";
import { mountBars } from "./bars.js";
import { dataSet, nameOf } from "./data_set.js";
import { saveCsv } from "./files.js";
import { openTab } from "./gradio.js";
import { groupsOf, readings } from "./grouping.js";
import { find, findAll, make } from "./nodes.js";
import { saveView } from "./picture.js";
import { set } from "./store.js";
import { DIGITS, readOf } from "./tally.js";

/** @typedef {import("./grouping.js").Factor} Factor */
/** @typedef {import("./grouping.js").Voter} Voter */

/** @type {import("./symbols.js").Symbol[]} */
const SHAPES = ["circle", "square", "diamond", "triangle", "pentagon", "star"]; // of the norms, in turn; see pad.css
const REACH = 24; // pixels around a dot in which a finger means it
const AWAY = /** @type {const} */ ({ ArrowLeft: -1, ArrowUp: -1, ArrowRight: 1, ArrowDown: 1 });

/**
 * Marks of the norms that vote, in charts and as dots.
 * @param {Voter[]} voters
 * @param {import("./sentences.js").Norms} norms
 */
export const marksOf = (voters, norms) =>
  [...new Set(voters.map(({ norm }) => norm))].map((norm, index) => ({
    norm,
    ...norms[norm],
    symbol: SHAPES[index % SHAPES.length],
  }));

/**
 * @param {HTMLElement} element
 * @param {Voter[]} voters
 * @param {import("./sentences.js").Norms} norms
 * @param {object} acts
 * @param {() => void} acts.lookInside puts what is on the paper before the tab Inside
 * @param {() => void} acts.changed the factor that groups the votes
 */
export const mountVotes = (element, voters, norms, { lookInside, changed }) => {
  const every = find(element, ".every", HTMLDetailsElement);
  const strip = find(element, ".strip");
  const tableBody = find(element, ".every tbody");
  const marks = new Map(marksOf(voters, norms).map((mark) => [mark.norm, mark]));
  const dots = voters.map(({ norm }, index) => {
    const dot = make("i", "dot");
    const { hue, symbol } = /** @type {import("./bars.js").Mark} */ (marks.get(norm));
    dot.dataset.shape = symbol;
    dot.style.setProperty("--hue", hue);
    dot.dataset.network = String(index);
    return dot;
  });
  /** @type {Factor} */
  let factor = "norm";
  /** @type {number[]} */
  let asked = []; // indices of voters
  /** @type {ArrayLike<number>} */
  let probs = [];
  /** @type {Map<number, number>} */
  let rows = new Map(); // of `probs`, by index of voter
  let shown = "";

  /** @param {number} index of a voter that was asked */
  const read = (index) => readOf(probs, /** @type {number} */ (rows.get(index)));
  /** @param {number} index */
  const probsOf = (index) => {
    const row = DIGITS * /** @type {number} */ (rows.get(index));
    return Array.from({ length: DIGITS }, (_, digit) => probs[row + digit]);
  };
  /** @param {number} index */
  const percent = (index) => Math.round(100 * Math.max(...probsOf(index)));

  /** @param {string | number} value */
  const label = (value) => {
    if (factor === "norm") return `${norms[value].words}, ${value}`;
    if (factor === "batch") return `batch ${value}`;
    return value === "none" ? "no penalty" : value;
  };

  const paintStrip = () => {
    const key = [factor, ...asked.map((index) => `${index}:${read(index)}`)].join(" ");
    if (key === shown) return;
    shown = key;
    // While the pen moves there are fewer dots: what is below stays where it is.
    strip.style.minHeight = asked.length < voters.length ? `${strip.offsetHeight}px` : "";
    strip.replaceChildren(
      ...groupsOf(voters, asked, factor).map(([value, indices]) => {
        const group = make("li", "group");
        const runs = make("div", "runs");
        const counts = readings(indices, read).map(([digit, some]) => {
          const run = make("span", "run");
          run.append(make("b", "digit", nameOf(digit)), ...some.map((index) => dots[index]));
          runs.append(run);
          return `${some.length} read ${nameOf(digit)}`;
        });
        const count = make("span", "count", counts.join(", "));
        group.append(make("span", "name", label(value)), count, runs);
        return group;
      }),
    );
  };

  const paintTable = () => {
    const lines = groupsOf(voters, asked, "name").map(([name, indices]) => {
      const line = make("tr");
      const head = make("th", "", name);
      head.scope = "row";
      line.append(head, make("td", "", indices.length));
      const counts = Array(DIGITS).fill(0);
      for (const index of indices) counts[read(index)]++;
      for (const count of counts)
        line.append(make("td", count === indices.length ? "all" : "", count || ""));
      return line;
    });
    tableBody.replaceChildren(...lines);
  };

  const one = mountOne(element, strip, { voters, dots, lookInside, read, percent, probsOf });
  const paint = () => {
    paintStrip();
    for (const index of asked) dots[index].style.opacity = String(0.25 + 0.0075 * percent(index));
    one.paint(rows);
    if (every.open) paintTable();
  };

  const head = make("tr");
  for (const text of ["configuration", "networks", ...dataSet().classes]) {
    const cell = make("th", "", text);
    cell.scope = "col";
    head.append(cell);
  }
  find(element, ".every thead").append(head);
  every.addEventListener("toggle", paint);

  const radios = findAll(element, "[name=factor]", HTMLInputElement);
  /** @param {HTMLInputElement} radio */
  const choose = (radio) => {
    radio.checked = true;
    factor = /** @type {Factor} */ (radio.value);
    paint();
  };
  /** Groups the votes as the address says. */
  const restore = () => {
    const by = linked("draw").get("by");
    choose(radios.find(({ value }) => value === by) ?? radios[0]);
  };
  for (const radio of radios)
    radio.addEventListener("change", () => {
      choose(radio);
      changed();
    });
  restore();
  find(element, ".every .csv").addEventListener("click", () => {
    const data = asked.map((index) => {
      const { name, seed } = voters[index];
      return [name, seed, read(index), percent(index)];
    });
    saveCsv("votes", { headers: ["configuration", "seed", "reads", "sure, %"], data });
  });
  for (const button of findAll(element, ".every .save", HTMLButtonElement))
    button.addEventListener("click", () =>
      saveView(
        "votes",
        [".pad", ".said", ".bars", ".strip"].map((name) => find(element, name)),
      ),
    );

  return {
    restore,
    get factor() {
      return factor;
    },
    /**
     * @param {number[]} newAsked indices of the voters that were asked, none where nothing is asked
     * @param {ArrayLike<number>} newProbs ten for each of them
     */
    show(newAsked, newProbs) {
      asked = newAsked;
      probs = newProbs;
      rows = new Map(asked.map((index, row) => [index, row]));
      paint();
    },
  };
};

/**
 * The network whose dot is under the pointer or has the focus, with its own ten bars; a press keeps it.
 * @param {HTMLElement} element
 * @param {HTMLElement} strip
 * @param {object} votes
 * @param {Voter[]} votes.voters
 * @param {HTMLElement[]} votes.dots
 * @param {() => void} votes.lookInside
 * @param {(index: number) => number} votes.read
 * @param {(index: number) => number} votes.percent
 * @param {(index: number) => number[]} votes.probsOf
 */
const mountOne = (element, strip, { voters, dots, lookInside, read, percent, probsOf }) => {
  const box = find(element, ".one");
  const words = find(box, ".whose");
  const bars = mountBars(find(box, ".own-bars"), "This network");
  /** @type {number | null} */
  let chosen = null;
  let isKept = false;
  /** @type {Map<number, number>} */
  let rows = new Map();

  const paint = () => {
    const isThere = chosen !== null && rows.has(chosen);
    box.classList.toggle("empty", !isThere);
    if (!isThere || chosen === null) return;
    const { name, seed } = voters[chosen];
    words.textContent = `${name}, seed ${seed}: reads ${read(chosen)}, ${percent(chosen)} % sure`;
    bars.show(probsOf(chosen));
  };
  /**
   * @param {number} index
   * @param {boolean} [keep]
   */
  const choose = (index, keep = isKept) => {
    if (chosen !== null) dots[chosen].classList.remove("chosen");
    chosen = index;
    isKept = keep;
    dots[index].classList.add("chosen");
    box.classList.toggle("kept", isKept);
    paint();
  };
  /** @param {Event} event */
  const dotOf = ({ target }) => {
    const index = target instanceof HTMLElement ? target.dataset.network : undefined;
    return index === undefined ? null : Number(index);
  };
  /** @param {PointerEvent | MouseEvent} event */
  const nearest = ({ clientX, clientY }) => {
    const near = [...rows.keys()].map((index) => {
      const { x, y, width, height } = dots[index].getBoundingClientRect();
      return { index, away: Math.hypot(x + width / 2 - clientX, y + height / 2 - clientY) };
    });
    const best = near.sort((a, b) => a.away - b.away)[0];
    return best && best.away <= REACH ? best.index : null;
  };

  strip.addEventListener("pointerover", (event) => {
    const index = dotOf(event);
    if (index !== null && !isKept && event.pointerType === "mouse") choose(index);
  });
  strip.addEventListener("click", (event) => {
    const index = dotOf(event) ?? nearest(event);
    if (index !== null) choose(index, !(isKept && chosen === index));
  });
  strip.addEventListener("focus", () => {
    const isByKey = strip.matches(":focus-visible"); // a finger means the dot that it presses
    if (isByKey && (chosen === null || !rows.has(chosen))) step(0);
  });
  /** @param {number} by */
  const step = (by) => {
    const inOrder = findAll(strip, ".dot", HTMLElement).map((dot) => Number(dot.dataset.network));
    const at = chosen === null ? -1 : inOrder.indexOf(chosen);
    const next = at < 0 ? 0 : Math.max(0, Math.min(inOrder.length - 1, at + by));
    if (inOrder.length) choose(inOrder[next]);
  };
  strip.addEventListener("keydown", (event) => {
    const by = AWAY[/** @type {keyof typeof AWAY} */ (event.key)];
    if (by) step(by);
    else if (event.key === "Enter" && chosen !== null) find(box, ".mistakes").focus();
    else return;
    event.preventDefault();
  });

  /** @param {string} tab slug */
  const look = (tab) => {
    if (chosen === null) return;
    set("look", { tab, name: voters[chosen].trial });
    openTab(tab);
  };
  find(box, ".mistakes").addEventListener("click", () => look("mistakes"));
  find(box, ".inner").addEventListener("click", () => {
    lookInside();
    look("inside");
  });
  return {
    /** @param {Map<number, number>} newRows of probabilities, by index of voter */
    paint(newRows) {
      rows = newRows;
      paint();
    },
  };
};
