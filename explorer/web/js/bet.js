// Bet first: two single runs, a bet on their configurations, then all seeds, the interval and the verdict.

import { queryOf } from "./address.js";
import { drawComparison } from "./compare_chart.js";
import { countAnswer, find, findAll, make } from "./nodes.js";
import { comparedLinked } from "./own_link.js";
import { repaintByWidth } from "./resize.js";
import { answerTo } from "./server.js";
import { get, set, watch } from "./store.js";
import { copyLink, noteView, restoring } from "./views.js";

/** @typedef {"a" | "b" | "luck"} Stake */
/**
 * Two configurations with all their seeds; `runs` has the places of the two that are bet on, `gap` their difference in points.
 * @typedef {import("./compare_chart.js").Compared & { a: Side, b: Side, outcome: string, verdict: string, runs: number[], gap: number }} Bet
 */
/** @typedef {{ trial: string, accuracies: number[], mean: number }} Side */

const WIDTH = 640; // pixels of the chart, where the page does not say
const DRAWS = 100;
/** @type {Record<Stake, string>} */
const STAKES = { a: "A is better", b: "B is better", luck: "that is luck" };

/** @param {number} percent */
const shown = (percent) => percent.toFixed(2);

/** @param {Bet} bet @returns {Stake} what the seeds show */
const truthOf = ({ outcome, difference }) => {
  if (outcome !== "different") return "luck";
  return difference.points > 0 ? "a" : "b";
};

/**
 * Place of a run among those of its configuration, in words.
 * @param {number[]} accuracies
 * @param {number} run
 */
const rankOf = (accuracies, run) => {
  const above = accuracies.filter((value) => value > accuracies[run]).length;
  const below = accuracies.filter((value) => value < accuracies[run]).length;
  if (!above) return "the best";
  if (!below) return "the worst";
  return `number ${above + 1}`;
};

/** @param {Bet} bet */
const lessonOf = (bet) => {
  const { a, b, runs } = bet;
  const [first, second] = [a, b].map(({ accuracies }, side) => rankOf(accuracies, runs[side]));
  const ranks = `A's run was ${first} of its ${a.accuracies.length} seeds, B's was ${second} of ${b.accuracies.length}.`;
  return truthOf(bet) === "luck"
    ? `${ranks} One run of each cannot tell a recipe from its luck.`
    : `${ranks} The gap of ${shown(bet.gap)} points stays when the seeds change.`;
};

/**
 * Of all pairs of a seed of A and one of B, how many A wins, B wins, and neither.
 * @param {Bet} bet
 */
export const pairsWon = ({ a, b }) => {
  const gaps = a.accuracies.flatMap((first) => b.accuracies.map((second) => first - second));
  const [won, lost] = [gaps.filter((gap) => gap > 0), gaps.filter((gap) => gap < 0)];
  return { a: won.length, b: lost.length, ties: gaps.length - won.length - lost.length };
};

/** @param {number} count */
const random = (count) => Math.floor(Math.random() * count);

/**
 * @param {HTMLElement} element
 * @param {unknown} _props
 * @param {{ ask_bets: import("./server.js").ServerFunction<{ visit: string }, any> }} server
 * @param {import("./start.js").Page} page
 */
export const mount = (element, _props, server, { signal }) => {
  const outcome = find(element, ".outcome");
  const charts = find(element, ".charts");
  const stakes = findAll(element, ".stakes button", HTMLButtonElement);
  /** @type {Bet[]} */
  let bets = [];
  let place = 0;
  let isFalling = false;
  let won = { a: 0, b: 0, ties: 0 };

  const paintChart = () => {
    charts.classList.toggle("falling", isFalling);
    if (outcome.hidden || !bets[place]) return;
    const chart = drawComparison(bets[place], charts.clientWidth || WIDTH);
    [...chart.querySelectorAll(".seeds")].forEach((seeds, side) =>
      seeds.children[bets[place].runs[side]].classList.add("bet-on"),
    );
    charts.replaceChildren(chart, make("p", "key", "Outlined: the two runs that you bet on."));
  };
  repaintByWidth(
    charts,
    () => {
      isFalling = false;
      paintChart();
    },
    signal,
  );

  const paintRuns = () => {
    const bet = bets[place];
    const cards = [bet.a, bet.b].map(({ accuracies }, side) => {
      const card = make("div", "run", `${"AB"[side]}: ${bet.names[side]}`);
      card.style.setProperty("--hue", bet.hues[side]);
      card.append(make("b", "", `${shown(accuracies[bet.runs[side]])} %`));
      return card;
    });
    find(element, ".runs").replaceChildren(...cards);
    for (const button of stakes) {
      button.disabled = false;
      button.setAttribute("aria-pressed", "false");
    }
    outcome.hidden = true;
  };
  /** @param {Stake} stake */
  const settle = (stake) => {
    const bet = bets[place];
    for (const button of stakes) {
      button.disabled = true;
      button.setAttribute("aria-pressed", String(button.value === stake));
    }
    won = { a: 0, b: 0, ties: 0 };
    outcome.hidden = false;
    isFalling = true;
    paintChart();
    const verb = stake === truthOf(bet) ? "and that holds" : "but the seeds say otherwise";
    find(element, ".bet-was").textContent =
      `You bet: ${STAKES[stake]}, ${verb}. All seeds of both, and the interval of their difference:`;
    find(element, ".verdict").textContent = bet.verdict;
    find(element, ".lesson").textContent = lessonOf(bet);
    find(element, ".drawn").textContent = "";
    find(element, ".share").textContent = "";
    const { trial: a } = bet.a;
    const { trial: b } = bet.b;
    find(element, ".look", HTMLAnchorElement).href = `?${queryOf("compare", { a, b })}`;
    const isLast = place === bets.length - 1;
    find(element, ".next").textContent = isLast ? "Bet again" : "The next bet: the same gap";
    find(element, ".next").focus({ preventScroll: true });
  };
  /** @param {number} count */
  const drawSeeds = (count) => {
    const bet = bets[place];
    const { a, b } = bet;
    let last = "";
    for (let draw = 0; draw < count; draw++) {
      const [i, j] = [random(a.accuracies.length), random(b.accuracies.length)];
      const gap = a.accuracies[i] - b.accuracies[j];
      const winner = gap > 0 ? "a" : gap < 0 ? "b" : "ties";
      won = { ...won, [winner]: won[winner] + 1 };
      const wins = { a: "A wins", b: "B wins", ties: "a tie" }[winner];
      last = `${shown(a.accuracies[i])} against ${shown(b.accuracies[j])}: ${wins}. `;
    }
    const drawn = won.a + won.b + won.ties;
    find(element, ".drawn").textContent =
      `${last}A won ${won.a} of ${drawn} draws, B ${won.b}${won.ties ? `, ${won.ties} tied` : ""}.`;
    const all = pairsWon(bet);
    find(element, ".share").textContent =
      `Of all ${all.a + all.b + all.ties} pairs of seeds A wins ${all.a}, B ${all.b}, and ${all.ties} tie.`;
  };

  for (const button of stakes)
    button.addEventListener("click", () => settle(/** @type {Stake} */ (button.value)));
  find(element, ".draw-one").addEventListener("click", () => drawSeeds(1));
  find(element, ".draw-all").addEventListener("click", () => drawSeeds(DRAWS));
  find(element, ".next").addEventListener("click", () => {
    place = (place + 1) % bets.length;
    paintRuns();
    stakes[0].focus();
  });
  find(element, ".link").addEventListener("click", copyLink);

  let isAsked = false;
  const open = async () => {
    element.hidden = get("compared") !== "bet";
    if (element.hidden) return;
    noteView("compare", { bet: 1 });
    if (isAsked) return;
    isAsked = true;
    /** @type {import("./server.js").Answer<{ bets: Bet[] }>} */
    const answer = await answerTo(server.ask_bets, {});
    isAsked = !answer.error;
    bets = answer.bets ?? [];
    const nothing = bets.length ? "" : "Bets take two norms with five seeds each.";
    find(element, ".error").textContent = answer.error ?? nothing;
    if (bets.length) paintRuns();
    countAnswer(element);
  };
  watch("compared", open, signal);
  restoring("compare", () => set("compared", comparedLinked()), signal);
  set("compared", comparedLinked());
  open();
};
