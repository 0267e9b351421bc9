// Did the regulariser act?: the weights of the networks shown, how they grew, and their penalties, as charts and as a table.
const LAYERS = ["#0072b2", "#56b4e9", "#009e73", "#8a8a00", "#e69f00", "#d55e00", "#cc79a7"]; // from the first convolution to the head
let weighed = null;

const paintWeights = ({ words, layers, networks }) => {
  find(".weights .words").textContent = words.join(" ");
  find(".weights .keys").replaceChildren(...chartKey(networks));
  const drawnLayers = layers.filter(({ layer }) => !layer.startsWith("norm"));
  find(".histograms").replaceChildren(
    ...drawnLayers.map(({ layer, edge, networks: each }) => {
      const figure = make("figure", ""), near = each.map(({ near_zero }) => `${near_zero.toFixed(1)} %`).join(" and ");
      const outlines = each.map(({ counts }, place) => ({ counts, hue: networks[place].hue, dash: DASHES[place] }));
      figure.append(
        histogram({ label: `Weights of ${layer}, ${near} near zero`, edge, outlines }),
        make("figcaption", "", `${layer}: ${near} near zero`),
      );
      return figure;
    }),
  );
  const longest = Math.max(...networks.map((each) => each.epochs.length));
  const ticks = [1, Math.ceil(longest / 2), longest].map((at) => ({ at, words: at === longest ? `epoch ${at}` : at }));
  const lines = (key) => networks.map((each, place) => ({ xs: each.epochs, ys: each[key], hue: each.hue, dash: DASHES[place] }));
  const norms = networks.flatMap((each, place) =>
    drawnLayers.map(({ layer }, depth) => ({ xs: each.epochs, ys: each.norms[layer], hue: LAYERS[depth], dash: DASHES[place] })),
  );
  const penalised = networks.some(({ share }) => share.some(Boolean));
  find(".growth").replaceChildren(
    lineChart({ label: "Norm of each layer's weights per epoch", y: "norm of each layer's weights", lines: norms, ticks, log: true }),
    lineChart({ label: "Effective learning rate per epoch", y: "effective learning rate", lines: lines("rate"), ticks, log: true }),
    ...(penalised ? [lineChart({ label: "Penalty's share of the loss per epoch", y: "penalty's share of the loss, %", lines: lines("share"), ticks, low: 0 })] : []),
  );
  find(".depths").replaceChildren(
    ...drawnLayers.map(({ layer }, depth) => {
      const item = make("span", "key"), dot = make("i", "depth");
      dot.style.background = LAYERS[depth];
      item.append(dot, layer);
      return item;
    }),
  );
  const many = networks.length > 1, beside = (what) => networks.map((_, place) => (many ? `${what}, ${place ? "beside" : "network"}` : what));
  const cells = layers.map(({ layer, weights, networks: each }) => [
    layer,
    weights,
    ...each.map(({ near_zero }) => near_zero.toFixed(1)),
    ...each.map(({ norm }) => norm.toPrecision(4)),
  ]);
  const heads = ["layer", "weights", ...beside("near zero, %"), ...beside("norm")];
  find(".weights thead").replaceChildren(row("th", heads));
  find(".weights tbody").replaceChildren(...cells.map((line) => row("td", line)));
  const names = Object.keys(networks[0].norms);
  const epochs = {
    headers: ["network", "epoch", "penalty's share of the loss, %", "effective learning rate", ...names.map((name) => `norm of ${name}`)],
    data: networks.flatMap((each) =>
      each.epochs.map((epoch, place) => [each.name, epoch, each.share[place], each.rate[place], ...names.map((name) => each.norms[name][place])]),
    ),
  };
  weighed = { layers: { headers: heads, data: cells }, epochs };
  element.dataset.weights = Number(element.dataset.weights ?? 0) + 1;
};

let askedWeights = 0;
const showWeights = async () => {
  if (!find(".weights").open || !trials.length) return;
  const mine = ++askedWeights, answer = await ask({ view: "weights", trials: chosen() });
  if (mine !== askedWeights) return;
  find(".weights .error").textContent = answer.error ?? "";
  if (!answer.error) paintWeights(answer);
};
find(".source").textContent = props.source;
find(".weights").addEventListener("toggle", showWeights);
networksChanged.push(showWeights);
