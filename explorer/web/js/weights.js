// Did the regulariser act: the weights of the networks shown, how they grew, and their penalties, as charts and as tables.

import { chartKey, dashOf, histogram, lineChart } from "./charts.js";
import { showOpened } from "./folded.js";
import { countAnswer, find, make, makeRow } from "./nodes.js";

/** @typedef {{ view: "weights", trials: string[] }} Question */
/** @typedef {{ layer: string, weights: number, edge: number, networks: { counts: number[], near_zero: number, norm: number }[] }} Layer */
/** @typedef {{ name: string, hue: string, epochs: number[], share: number[], rate: number[], norms: Record<string, number[]> }} Growth */
/** @typedef {{ words: string[], layers: Layer[], networks: Growth[] }} Weights */

// Of the palette, from the first convolution to the head.
const HUES = ["blue", "sky", "green", "olive", "orange", "vermillion", "purple"].map(
  (name) => `var(--${name})`,
);

/**
 * Tables of the layers and of the epochs.
 * @param {Weights} answer
 */
const tablesOf = ({ layers, networks }) => {
  /** @param {string} what */
  const beside = (what) =>
    networks.map((_, index) =>
      networks.length > 1 ? `${what}, ${["network", "beside", "third"][index]}` : what,
    );
  const names = Object.keys(networks[0].norms);
  const figures = ["penalty's share of the loss, %", "effective learning rate"];
  return {
    layers: {
      headers: ["layer", "weights", ...beside("near zero, %"), ...beside("norm")],
      data: layers.map(({ layer, weights, networks: each }) => [
        layer,
        weights,
        ...each.map(({ near_zero }) => near_zero.toFixed(1)),
        ...each.map(({ norm }) => norm.toPrecision(4)),
      ]),
    },
    epochs: {
      headers: ["network", "epoch", ...figures, ...names.map((name) => `norm of ${name}`)],
      data: networks.flatMap(({ name, epochs, share, rate, norms }) =>
        epochs.map((epoch, index) => [
          name,
          epoch,
          share[index],
          rate[index],
          ...names.map((layer) => norms[layer][index]),
        ]),
      ),
    },
  };
};

/**
 * @param {HTMLElement} element
 * @param {import("./inside.js").Shared} page
 * @returns {import("./inside.js").Part}
 */
export const mountWeights = (element, { props, ask, chosen }) => {
  const box = find(element, ".weights", HTMLDetailsElement);
  /** @type {ReturnType<typeof tablesOf> | undefined} */
  let tables;

  /**
   * @param {Layer[]} layers
   * @param {Growth[]} networks
   */
  const paintHistograms = (layers, networks) =>
    find(box, ".histograms").replaceChildren(
      ...layers.map(({ layer, edge, networks: each }) => {
        const near = each.map(({ near_zero }) => `${near_zero.toFixed(1)} %`).join(" and ");
        const outlines = each.map(({ counts }, index) => {
          return { counts, hue: networks[index].hue, dash: dashOf(index) };
        });
        const figure = make("figure");
        figure.append(
          histogram({ label: `Weights of ${layer}, ${near} near zero`, edge, outlines }),
          make("figcaption", "", `${layer}: ${near} near zero`),
        );
        return figure;
      }),
    );

  /**
   * @param {Layer[]} layers
   * @param {Growth[]} networks
   */
  const paintGrowth = (layers, networks) => {
    const longest = Math.max(...networks.map(({ epochs }) => epochs.length));
    const ticks = [1, Math.ceil(longest / 2), longest].map((at) => {
      return { at, words: at === longest ? `epoch ${at}` : at };
    });
    /** @param {"rate" | "share"} key */
    const lines = (key) =>
      networks.map((network, index) => {
        return { xs: network.epochs, ys: network[key], hue: network.hue, dash: dashOf(index) };
      });
    const norms = networks.flatMap((network, index) =>
      layers.map(({ layer }, depth) => {
        return {
          xs: network.epochs,
          ys: network.norms[layer],
          hue: HUES[depth],
          dash: dashOf(index),
        };
      }),
    );
    const charts = [
      lineChart({
        label: "Norm of each layer's weights per epoch",
        y: "norm of each layer's weights",
        lines: norms,
        ticks,
        log: true,
      }),
      lineChart({
        label: "Effective learning rate per epoch",
        y: "effective learning rate",
        lines: lines("rate"),
        ticks,
        log: true,
      }),
    ];
    if (networks.some(({ share }) => share.some(Boolean)))
      charts.push(
        lineChart({
          label: "Penalty's share of the loss per epoch",
          y: "penalty's share of the loss, %",
          lines: lines("share"),
          ticks,
          low: 0,
        }),
      );
    find(box, ".growth").replaceChildren(...charts);
  };

  /** @param {Weights} answer */
  const paint = (answer) => {
    const drawn = answer.layers.filter(({ layer }) => !layer.startsWith("norm"));
    find(box, ".words").textContent = answer.words.join(" ");
    find(box, ".keys").replaceChildren(...chartKey(answer.networks));
    paintHistograms(drawn, answer.networks);
    paintGrowth(drawn, answer.networks);
    const depths = drawn.map(({ layer }, depth) => {
      return { name: layer, hue: HUES[depth], dash: "none" };
    });
    find(box, ".depths").replaceChildren(...chartKey(depths));
    tables = tablesOf(answer);
    const { headers, data } = tables.layers;
    find(box, "thead").replaceChildren(makeRow("th", headers));
    find(box, "tbody").replaceChildren(...data.map((cells) => makeRow("td", cells)));
    countAnswer(box);
  };

  find(element, ".source").textContent = props.source;
  const show = showOpened(
    box,
    async () =>
      props.trials.length ? ask({ view: "weights", trials: chosen() }) : { error: props.nothing },
    paint,
  );
  return { networksChanged: show, tables: () => ({ ...tables }) };
};
