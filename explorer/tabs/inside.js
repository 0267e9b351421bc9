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

const paintSide = ({ name, blocks }) => {
  const side = make("section", "side");
  side.append(make("h3", "", name));
  for (const { title, before, after, maps } of blocks) {
    const block = make("div", "block");
    block.append(make("h4", "", title));
    for (const [said, sprite, moments] of [["before", before, "before"], ["after", after, "after"]]) {
      const row = make("div", "row");
      row.append(make("span", "when", said));
      maps.forEach((each, place) => {
        const cell = make("figure", ""), shown = picture(sprite, place, 44);
        shown.setAttribute("role", "img");
        shown.setAttribute("aria-label", `${title}, channel ${place + 1} ${said} the norm: mean ${each[moments]}`);
        cell.append(shown, make("figcaption", "", each[moments]));
        row.append(cell);
      });
      block.append(row);
    }
    side.append(block);
  }
  return side;
};

const paintTable = () => {
  const head = make("tr", "");
  head.append(...table.headers.map((words) => make("th", "", words)));
  find(".numbers thead").replaceChildren(head);
  find(".numbers tbody").replaceChildren(
    ...table.data.map((cells) => {
      const row = make("tr", "");
      row.append(...cells.map((cell) => make("td", "", cell)));
      return row;
    }),
  );
};

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
  show();
});
show();
