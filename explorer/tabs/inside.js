// Inside: asks `server.ask` for the maps of one network, or two side by side, and draws what each norm takes together.
const value = (name) => find(`select.${name}`).value;
const trials = networkOptions(props.trials);
fill(find("select.trial"), trials);
fill(find("select.other"), [["", "none"]]);
fill(find("select.other"), trials);
fill(find("select.digit"), Array.from(Array(10).keys(), (digit) => [digit, digit]));
find("select.digit").value = 7;
let turn = 0, image = null; // of the digit; or a test image that a link names
let table = null;

const row = (tag, cells) => {
  const line = make("tr", "");
  line.append(...cells.map((cell) => make(tag, "", cell)));
  return line;
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

// Accuracy over the size of the batch whose statistics count: a chart, and the same as a table.
const chart = ({ lines, sizes }) => {
  const WIDE = 420, HIGH = 200, LEFT = 44, BELOW = 36, low = Math.floor(Math.min(...lines.flatMap((line) => line.accuracies)) / 10) * 10;
  const x = (place) => LEFT + ((WIDE - LEFT - 12) * place) / (sizes.length - 1);
  const y = (value) => 10 + ((HIGH - BELOW - 10) * (100 - value)) / (100 - low || 1);
  const text = (words, left, top, anchor) => `<text x="${left}" y="${top}" text-anchor="${anchor}">${words}</text>`;
  const ticks = [low, (low + 100) / 2, 100].map((value) => `<path d="M${LEFT} ${y(value)} H${WIDE - 12}"/>${text(value, LEFT - 6, y(value) + 4, "end")}`);
  const drawn = lines.map(({ accuracies, hue }, index) => {
    const points = accuracies.map((value, place) => `${x(place)},${y(value)}`).join(" ");
    return `<polyline points="${points}" style="stroke: ${hue}" ${index ? 'stroke-dasharray="6 4"' : ""}/>`;
  });
  const svg = document.createElement("div");
  svg.innerHTML = // numbers and the palette's colours only
    `<svg viewBox="0 0 ${WIDE} ${HIGH}" role="img" aria-label="Accuracy over the size of the batch">${ticks.join("")}` +
    `${sizes.map((size, place) => text(size, x(place), HIGH - BELOW + 16, "middle")).join("")}` +
    `${text("images in a batch; accuracy, %", WIDE / 2, HIGH - 4, "middle")}${drawn.join("")}</svg>`;
  return svg.firstChild;
};
const showBatches = async () => {
  if (!find(".batches").open || !trials.length) return;
  const answer = await ask({ view: "batches", trials: [value("trial"), value("other")].filter(Boolean) });
  if (answer.error) return (find(".error").textContent = answer.error);
  const { lines, sizes, images } = answer;
  find(".batches .words").textContent =
    `Accuracy in percent on the first ${images} test images, taken in batches of so many. The dashed line is the network beside; ` +
    "as tested is with the averages over training. Group and layer norm know no batch, so they do not move.";
  find(".chart").replaceChildren(chart(answer));
  find(".batches thead").replaceChildren(row("th", ["network", ...sizes, "as tested"]));
  find(".batches tbody").replaceChildren(
    ...lines.map(({ name, accuracies, usual }) => row("td", [name, ...[...accuracies, usual].map((each) => each.toFixed(1))])),
  );
  element.dataset.batches = Number(element.dataset.batches ?? 0) + 1;
};
find(".batches").addEventListener("toggle", showBatches);

let asked = 0;
const show = async () => {
  const mine = ++asked;
  const names = [value("trial"), value("other")].filter(Boolean);
  const answer = trials.length
    ? await ask({ trials: names, digit: Number(value("digit")), turn, image })
    : { error: props.nothing };
  if (mine !== asked) return;
  find(".error").textContent = answer.error ?? "";
  find(".said").textContent = answer.words ?? "";
  const seen = answer.sprite ? [picture(answer.sprite, 0, 112), make("p", "words", answer.image)] : [];
  find(".looked").replaceChildren(...seen);
  find(".sides").replaceChildren(...(answer.sides ?? []).map(paintSide));
  table = answer.table ?? { headers: [], data: [] };
  image = answer.index ?? null;
  paintTable();
  element.dataset.shown = mine;
};

// Channels by row, images by column: what BN, GN and LN take together.
const TAKEN = {
  "batch norm: a channel, all images": (channel) => channel === 0,
  "group norm: two channels, one image": (channel, place) => channel < 2 && place === 0,
  "layer norm: all channels, one image": (channel, place) => place === 0,
};
for (const [words, taken] of Object.entries(TAKEN)) {
  const cube = make("figure", "cube"), grid = make("div", "cells");
  grid.setAttribute("role", "img");
  grid.setAttribute("aria-label", words);
  for (let channel = 0; channel < 8; channel++)
    for (let place = 0; place < 6; place++) grid.append(make("i", taken(channel, place) ? "taken" : ""));
  cube.append(grid, make("figcaption", "", words));
  find(".cubes").append(cube);
}

const linked = new URLSearchParams(location.search);
if (linked.get("tab") === "inside") {
  for (const name of ["trial", "other"]) {
    const select = find(`select.${name}`);
    if ([...select.options].some((option) => option.value === linked.get(name))) select.value = linked.get(name);
  }
  if (/^\d{1,4}$/.test(linked.get("image") ?? "")) image = Number(linked.get("image"));
}
find(".link").addEventListener("click", () => explorer.copyLink("inside", { trial: value("trial"), other: value("other"), image }));
find(".csv").addEventListener("click", () => table && explorer.saveCsv("inside", table));
for (const button of element.querySelectorAll(".save"))
  button.addEventListener("click", () => explorer.saveView("inside", button.value, [find(".found")]));
find(".next").addEventListener("click", () => {
  turn += 1;
  image = null;
  show();
});
element.addEventListener("change", ({ target }) => {
  if (target.matches("select.digit")) [turn, image] = [0, null];
  else showBatches();
  show();
});
show();
