// The curves of a training beside the committed runs that are nearest to it and earlier ones of this visit; and the same as a table.

import { chartKey, lineChart } from "./charts.js";
import { saveCsv } from "./files.js";
import { find, findAll, makeRow } from "./nodes.js";
import { saveCharts } from "./picture.js";
import { get } from "./store.js";

/** @typedef {Record<string, number | null>} Row of a history: an epoch and its figures */
/** @typedef {{ name: string, config: string, epochs: number[], accuracy: number[], low: number[], high: number[], loss: number[] }} Beside */
/** @typedef {{ runs: number[], difference: number[], low: number[], high: number[], margin: number }} Looks differences to the committed runs and their intervals */
/**
 * @typedef {object} Trained
 * @property {string} [name] of the network, once it is kept
 * @property {string} words
 * @property {string} hue
 * @property {number} epochs
 * @property {Row[]} rows
 * @property {[number, number][]} losses epoch and train loss of batches
 * @property {Beside | null} beside
 * @property {Beside | null} [yours] all runs of this configuration, from two
 * @property {Looks | null} [looks]
 */

const GREY = "var(--body-text-color)";
const symbol = /** @type {const} */ ("circle");
const EARLIER = 3; // networks of this visit that are shown

/**
 * @param {Row[]} rows
 * @param {string} key
 * @param {number} times
 */
const series = (rows, key, times) => ({
  xs: rows.map(({ epoch }) => Number(epoch)),
  ys: rows.map((row) => (row[key] === null ? NaN : times * row[key])),
});

/**
 * @param {Beside} beside
 * @param {string} hue
 * @returns {import("./charts.js").Line}
 */
const band = ({ epochs, low, high }, hue) => {
  return { xs: epochs, ys: [], lows: low, highs: high, hue };
};

/**
 * The interval of the difference as it shrinks with the runs, beside zero and the differences that count as none.
 * @param {Looks} looks
 * @param {string} hue
 */
const looksChart = ({ runs, difference, low, high, margin }, hue) => {
  const ends = [runs[0], runs[runs.length - 1]];
  /** @param {number} at */
  const level = (at) => ({ xs: ends, ys: [at, at], hue: GREY });
  return lineChart({
    label: "Your runs less the committed ones: the difference and its interval after each run",
    y: "yours less theirs, points, and its interval",
    ticks: ends.map((at, index) => ({ at, words: index ? `${at} runs` : at })),
    lines: [
      { ...level(0), width: 1 },
      { xs: ends, ys: [], lows: [-margin, -margin], highs: [margin, margin], hue: GREY },
      { xs: runs, ys: difference, lows: low, highs: high, hue, symbol },
    ],
  });
};

/** @param {number | null} value a fraction */
const percent = (value) => (value === null ? "" : (100 * value).toFixed(2));
/** @param {number | null} value */
const nats = (value) => (value === null ? "" : value.toFixed(4));

/**
 * @param {{ name: string, rows: Row[] }[]} runs
 * @param {Beside | null} beside
 * @returns {{ headers: string[], data: (string | number)[][] }}
 */
const tableOf = (runs, beside) => ({
  headers: ["network", "epoch", "train loss", "train accuracy, %", "test loss", "test accuracy, %"],
  data: [
    ...runs.flatMap(({ name, rows }) =>
      rows.map((row) => [
        name,
        Number(row.epoch),
        nats(row.train_loss),
        percent(row.train_acc),
        nats(row.test_loss),
        percent(row.test_acc),
      ]),
    ),
    ...(beside?.epochs ?? []).map((epoch, at) => [
      beside?.name ?? "",
      epoch,
      nats(beside?.loss[at] ?? null),
      "",
      "",
      (beside?.accuracy[at] ?? 0).toFixed(2),
    ]),
  ],
});

/**
 * @param {HTMLElement} element
 * @param {{ hues: Record<string, string>, shades: string[] }} props
 */
export const mountCurves = (element, { hues, shades }) => {
  const section = find(element, ".seen");
  /** @type {import("./files.js").Table | null} */
  let table = null;

  /** @param {Trained | null} trained */
  const paint = (trained) => {
    section.hidden = !trained;
    if (!trained) return;
    const { beside, losses, rows, hue, words, epochs, yours, looks } = trained;
    // Runs of this configuration are in their mean and range already.
    const isApart = (/** @type {string} */ title) =>
      !yours || !title.includes(`${yours.config}, seed `);
    const earlier = get("own").filter((run) => run.name !== trained.name && isApart(run.words));
    const runs = earlier.slice(-EARLIER).map((network, index) => {
      return { name: network.words, hue: shades[index], dash: "2 3", rows: network.rows };
    });
    const now = { name: words, hue: hues[hue], dash: "none" };
    const committed = beside ? { name: beside.name, hue: GREY, dash: "6 4" } : null;
    const mean = yours ? { name: yours.name, hue: hues[hue], dash: "2 3" } : null;
    const most = Math.max(epochs, ...runs.map((run) => run.rows.length));
    const ticks = [...new Set([0, Math.round(most / 2), most])].map((at) => {
      return { at, words: at === most ? `epoch ${at}` : at };
    });
    /**
     * @param {string} key
     * @param {number} times
     * @param {"loss" | "accuracy"} means of the committed runs and of the visitor's
     * @returns {import("./charts.js").Line[]}
     */
    const lines = (key, times, means) => [
      ...(beside && committed
        ? [{ ...committed, xs: beside.epochs, ys: beside[means], symbol }]
        : []),
      ...(yours && mean ? [{ ...mean, xs: yours.epochs, ys: yours[means], symbol }] : []),
      ...runs.map((run) => ({ ...run, ...series(run.rows, key, times), symbol })),
    ];
    // Batches scatter and fall within an epoch: only means of whole epochs are compared.
    const batches = { xs: losses.map(([x]) => x), ys: losses.map(([, y]) => y) };
    find(section, ".keys").replaceChildren(
      ...chartKey([now, ...[mean, committed].flatMap((key) => key ?? []), ...runs]),
    );
    find(section, ".charts").replaceChildren(
      lineChart({
        label: "Train loss over the epochs",
        y: "train loss of an epoch, nats; faint: of batches",
        log: true,
        ticks,
        lines: [
          ...lines("train_loss", 1, "loss"),
          { ...batches, ...now, faint: true },
          { ...series(rows, "train_loss", 1), ...now, symbol },
        ],
      }),
      lineChart({
        label: "Test accuracy over the epochs",
        y: "test accuracy, %",
        ticks,
        lines: [
          ...(beside ? [band(beside, GREY)] : []),
          ...(yours ? [band(yours, hues[hue])] : []),
          ...lines("test_acc", 100, "accuracy"),
          { ...series(rows, "test_acc", 100), ...now, symbol },
        ],
      }),
      ...(looks && looks.runs.length > 1 ? [looksChart(looks, hues[hue])] : []),
    );
    const numbers = tableOf([{ name: words, rows }, ...runs], beside);
    find(section, ".numbers thead").replaceChildren(makeRow("th", numbers.headers));
    find(section, ".numbers tbody").replaceChildren(
      ...numbers.data.map((cells) => makeRow("td", cells)),
    );
    table = numbers;
  };

  find(section, ".csv").addEventListener("click", () => table && saveCsv("retrained", table));
  for (const button of findAll(section, ".save", HTMLButtonElement))
    button.addEventListener("click", () =>
      saveCharts("retrained", /** @type {import("./picture.js").Format} */ (button.value), [
        find(section, ".keys"),
        find(section, ".charts"),
      ]),
    );
  return { paint };
};
