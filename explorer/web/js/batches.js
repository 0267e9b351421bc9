// What if batch norm took the statistics of the batch at hand: accuracy over the size of the batch, as a chart and as a table.

import { chartKey, dashOf, lineChart } from "./charts.js";
import { showOpened } from "./folded.js";
import { countAnswer, find, makeRow } from "./nodes.js";

/** @typedef {{ view: "batches", trials: string[] }} Question */
/** @typedef {{ name: string, hue: string, accuracies: number[], usual: number, halves?: number[] }} Measured */
/** @typedef {{ lines: Measured[], families: Measured[], sizes: number[], images: number }} Batches */

/**
 * @param {HTMLElement} element
 * @param {import("./inside.js").Shared} page
 * @returns {import("./inside.js").Part}
 */
export const mountBatches = (element, { props, ask, chosen }) => {
  const box = find(element, ".batches", HTMLDetailsElement);
  /** @type {import("./files.js").Table | undefined} */
  let table;

  /** @param {Batches} answer */
  const paint = ({ lines, families, sizes, images }) => {
    const all = [...lines, ...families];
    find(box, ".words").textContent =
      `Accuracy in percent on the first ${images} test images, taken in batches of so many; as tested is with the averages over ` +
      `training. ${props.unmoved} Dotted lines are the means of the grid's networks without a penalty, ± their 95 % interval over seeds.`;
    const xs = sizes.map((_, index) => index);
    find(box, ".keys").replaceChildren(...chartKey(all));
    find(box, ".chart").replaceChildren(
      lineChart({
        label: "Accuracy over the size of the batch",
        y: "accuracy, %",
        ticks: sizes.map((size, at) => ({ at, words: size })),
        lines: all.map(({ accuracies, hue }, index) => {
          return { xs, ys: accuracies, hue, dash: dashOf(index) };
        }),
        high: 100,
      }),
    );
    const headers = ["network", ...sizes, "as tested"];
    const data = all.map(({ name, accuracies, usual, halves }) => [
      name,
      ...[...accuracies, usual].map((value, index) =>
        halves ? `${value.toFixed(1)} ± ${halves[index].toFixed(1)}` : value.toFixed(1),
      ),
    ]);
    find(box, "thead").replaceChildren(makeRow("th", headers));
    find(box, "tbody").replaceChildren(...data.map((cells) => makeRow("td", cells)));
    table = { headers, data };
    countAnswer(box);
  };

  const show = showOpened(
    box,
    async () =>
      props.trials.length ? ask({ view: "batches", trials: chosen() }) : { error: props.nothing },
    paint,
  );
  return { networksChanged: show, tables: () => ({ batches: table }) };
};
