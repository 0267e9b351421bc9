// Inside: asks `server.ask` for the maps of one network, or two side by side, and draws what each norm takes together.
const DRAWN = "drawn";
const value = (name) => find(`select.${name}`).value;
const trials = networkOptions(props.trials);
fill(find("select.trial"), trials);
fill(find("select.other"), [["", "none"]]);
fill(find("select.other"), trials);
fill(find("select.digit"), [...Array.from(Array(10).keys(), (digit) => [digit, digit]), [DRAWN, "as in Draw"]]);
find("select.digit").value = 7;
let turn = 0, image = null; // of the digit; or a test image that a link names
let table = null;
const later = [], networksChanged = []; // what the folded parts do when another digit, or other networks, are chosen

const chosen = () => [value("trial"), value("other")].filter(Boolean);
// The digit that is asked about.
const subject = () => {
  if (value("digit") === DRAWN) return explorer.drawn()?.asked ?? { error: "Draw a digit first." };
  return image === null ? { digit: Number(value("digit")), turn } : { image };
};

const paintSide = ({ name, blocks }) => {
  const side = make("section", "side");
  side.append(make("h3", "", name));
  for (const { title, before, after, maps } of blocks) {
    const block = make("div", "block");
    block.append(make("h4", "", title));
    for (const [said, sprite, moments] of [["before", before, "before"], ["after", after, "after"]]) {
      const line = make("div", "row");
      line.append(make("span", "when", said));
      maps.forEach((each, place) => {
        const cell = make("figure", ""), shown = picture(sprite, place, 44);
        shown.setAttribute("role", "img");
        shown.setAttribute("aria-label", `${title}, channel ${place + 1} ${said} the norm: mean ${each[moments]}`);
        cell.append(shown, make("figcaption", "", each[moments]));
        line.append(cell);
      });
      block.append(line);
    }
    side.append(block);
  }
  return side;
};

const paintTable = () => {
  find(".numbers thead").replaceChildren(row("th", table.headers));
  find(".numbers tbody").replaceChildren(...table.data.map((cells) => row("td", cells)));
};

let batched = 0, batchTable = null;
// Accuracy over the size of the batch whose statistics count: a chart, and the same as a table.
const showBatches = async () => {
  if (!find(".batches").open || !trials.length) return;
  const mine = ++batched, answer = await ask({ view: "batches", trials: chosen() });
  if (mine !== batched) return;
  find(".batches .error").textContent = answer.error ?? "";
  if (answer.error) return;
  const { lines, families, sizes, images } = answer, all = [...lines, ...families];
  find(".batches .words").textContent =
    `Accuracy in percent on the first ${images} test images, taken in batches of so many; as tested is with the averages over ` +
    `training. ${props.unmoved} Dotted lines are the means of the grid's networks without a penalty, ± their 95 % interval over seeds.`;
  const xs = sizes.map((_, place) => place);
  find(".batches .keys").replaceChildren(...chartKey(all));
  find(".chart").replaceChildren(
    lineChart({
      label: "Accuracy over the size of the batch",
      y: "accuracy, %",
      ticks: sizes.map((size, at) => ({ at, words: size })),
      lines: all.map(({ accuracies, hue }, place) => ({ xs, ys: accuracies, hue, dash: DASHES[place] ?? "2 3" })),
      high: 100,
    }),
  );
  find(".batches thead").replaceChildren(row("th", ["network", ...sizes, "as tested"]));
  const digits = all.map(({ name, accuracies, usual, halves }) => [
    name,
    ...[...accuracies, usual].map((each, place) => (halves ? `${each.toFixed(1)} ± ${halves[place].toFixed(1)}` : each.toFixed(1))),
  ]);
  find(".batches tbody").replaceChildren(...digits.map((cells) => row("td", cells)));
  batchTable = { headers: ["network", ...sizes, "as tested"], data: digits };
  element.dataset.batches = Number(element.dataset.batches ?? 0) + 1;
};
find(".batches").addEventListener("toggle", showBatches);
networksChanged.push(showBatches);

let asked = 0, shownDigit = {}; // of the latter what a link to it holds
const show = async () => {
  const mine = ++asked;
  const asking = trials.length ? subject() : { error: props.nothing };
  const link = value("digit") === DRAWN ? explorer.drawn()?.link : null;
  const answer = asking.error ? asking : await ask({ trials: chosen(), ...asking });
  if (mine !== asked) return;
  find(".error").textContent = answer.error ?? "";
  find(".said").textContent = answer.words ?? "";
  const seen = answer.sprite ? [picture(answer.sprite, 0, 112), make("p", "words", answer.image)] : [];
  find(".looked").replaceChildren(...seen);
  find(".sides").replaceChildren(...(answer.sides ?? []).map(paintSide));
  table = answer.table ?? { headers: [], data: [] };
  if (!answer.error && value("digit") !== DRAWN) image = answer.index;
  if (!answer.error) shownDigit = link ?? { image };
  paintTable();
  if (answer.table) paintXray(find(".rays"), answer.sides.map(({ name }) => name), table);
  element.dataset.shown = mine;
};

// Channels by row, images by column: what each norm takes together.
const [channelsDrawn, imagesDrawn] = props.drawn;
for (const { words, channels, images } of props.together) {
  const cube = make("figure", "cube"), grid = make("div", "cells");
  grid.setAttribute("role", "img");
  grid.setAttribute("aria-label", words);
  grid.style.setProperty("--images", imagesDrawn);
  for (let channel = 0; channel < channelsDrawn; channel++)
    for (let place = 0; place < imagesDrawn; place++) grid.append(make("i", channel < channels && place < images ? "taken" : ""));
  cube.append(grid, make("figcaption", "", words));
  find(".cubes").append(cube);
}
