// The votes: a dot for every network, grouped as the visitor likes, behind the digit that it reads; and the same as a table.

const votes = (() => {
  const SHAPES = ["circle", "square", "diamond"]; // of the norms, in turn
  const shapes = Object.fromEntries(Object.keys(props.hues).map((norm, place) => [norm, SHAPES[place % SHAPES.length]]));
  const networks = props.networks;
  const dots = networks.map(({ hue }, index) => {
    const dot = make("i", `dot ${hue}`);
    dot.dataset.shape = shapes[hue];
    dot.style.setProperty("--hue", props.hues[hue]);
    dot.dataset.network = index;
    return dot;
  });
  let digits = null, percent = null, factor = "norm", shown = "";

  // Indices by the value of a factor, the values in their order.
  const groups = (key) => {
    const found = new Map();
    networks.forEach((network, index) => {
      const value = network[key];
      found.set(value, [...(found.get(value) ?? []), index]);
    });
    const entries = [...found];
    return key === "batch" ? entries.sort(([a], [b]) => a - b) : entries;
  };
  const grouped = Object.fromEntries(["norm", "regulariser", "batch", "name"].map((key) => [key, groups(key)]));
  const label = (value) =>
    ({ batch: `batch ${value}`, regulariser: value === "none" ? "no penalty" : value })[factor] ?? value;

  // Digits that these networks read, those with most votes first: [[digit, indices], ...].
  const readings = (indices) => {
    const found = new Map();
    for (const index of indices) found.set(digits[index], [...(found.get(digits[index]) ?? []), index]);
    return [...found].sort(([, a], [, b]) => b.length - a.length);
  };

  const paintStrip = () => {
    const key = factor + digits.join("");
    if (key === shown) return;
    shown = key;
    find(".strip").replaceChildren(
      ...grouped[factor].map(([value, indices]) => {
        const row = make("li", "group"), runs = make("div", "runs");
        const said = readings(indices).map(([digit, some]) => {
          const run = make("span", "run");
          run.append(make("b", "digit", digit), ...some.map((index) => dots[index]));
          runs.append(run);
          return `${some.length} read ${digit}`;
        });
        runs.setAttribute("aria-hidden", "true");
        row.append(make("span", "name", label(value)), make("span", "count", said.join(", ")), runs);
        return row;
      }),
    );
  };

  const paintTable = () => {
    const body = grouped.name.map(([name, indices]) => {
      const row = make("tr", ""), counts = Array(10).fill(0);
      for (const index of indices) counts[digits[index]]++;
      const head = make("th", "", name);
      head.scope = "row";
      row.append(head, make("td", "", indices.length));
      for (const count of counts) row.append(make("td", count === indices.length ? "all" : "", count || ""));
      return row;
    });
    find(".every tbody").replaceChildren(...body);
  };

  const paint = () => {
    if (!digits) {
      shown = "";
      find(".strip").replaceChildren();
      find(".every tbody").replaceChildren();
      return;
    }
    paintStrip();
    dots.forEach((dot, index) => (dot.style.opacity = 0.25 + 0.0075 * percent[index]));
    if (find(".every").open) paintTable();
  };

  const head = make("tr", "");
  for (const words of ["configuration", "networks", ...Array(10).keys()]) {
    const cell = make("th", "", words);
    cell.scope = "col";
    head.append(cell);
  }
  find(".every thead").append(head);
  find(".every").addEventListener("toggle", paint);
  const asked = find(`[name=factor][value="${CSS.escape(new URLSearchParams(location.search).get("by") ?? factor)}"]`);
  if (asked) {
    asked.checked = true;
    factor = asked.value;
  }
  find(".factors").addEventListener("change", (event) => {
    factor = event.target.value;
    paint();
  });
  find(".strip").addEventListener("pointerover", ({ target }) => {
    const index = target.dataset.network;
    if (index === undefined || !digits) return;
    const { name, seed } = networks[index];
    target.title = `${name}, seed ${seed}: reads ${digits[index]}, ${percent[index]} % sure`;
  });
  find(".csv").addEventListener("click", () => {
    const data = networks.map(({ name, seed }, index) => [name, seed, digits?.[index], percent?.[index]]);
    explorer.saveCsv("votes", { headers: ["configuration", "seed", "reads", "sure, %"], data });
  });
  for (const button of element.querySelectorAll(".save"))
    button.addEventListener("click", () =>
      explorer.saveView("votes", button.value, [find(".pad"), find(".said"), find(".strip")]),
    );
  return {
    get factor() {
      return factor;
    },
    show(newDigits, newPercent) {
      [digits, percent] = newDigits?.length ? [newDigits, newPercent] : [null, null];
      paint();
    },
  };
})();
