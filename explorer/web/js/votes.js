// The votes: a dot for every network, grouped as the visitor likes, behind the digit that it reads; and the same as a table.

import { linked } from "./address.js";
import { saveCsv } from "./files.js";
import { groupsOf, readings } from "./grouping.js";
import { find, findAll, make } from "./nodes.js";
import { saveView } from "./picture.js";

/** @typedef {import("./grouping.js").Factor} Factor */

const SHAPES = ["circle", "square", "diamond", "triangle"]; // of the norms, in turn; see pad.css

/**
 * @param {HTMLElement} element
 * @param {{ networks: import("./grouping.js").Voter[], hues: Record<string, string> }} props
 */
export const mountVotes = (element, { networks, hues }) => {
  const every = find(element, ".every", HTMLDetailsElement);
  const strip = find(element, ".strip");
  const tableBody = find(element, ".every tbody");
  const norms = Object.keys(hues);
  const dots = networks.map(({ hue }, index) => {
    const dot = make("i", `dot ${hue}`);
    dot.dataset.shape = SHAPES[norms.indexOf(hue) % SHAPES.length];
    dot.style.setProperty("--hue", hues[hue]);
    dot.dataset.network = String(index);
    return dot;
  });
  /** @type {Factor} */
  let factor = "norm";
  /** @type {number[] | null} */
  let digits = null;
  /** @type {number[]} */
  let percent = [];
  let shown = "";

  /** @param {string | number} value */
  const label = (value) => {
    if (factor === "batch") return `batch ${value}`;
    return factor === "regulariser" && value === "none" ? "no penalty" : value;
  };

  /** @param {number[]} reads */
  const paintStrip = (reads) => {
    const key = factor + reads.join("");
    if (key === shown) return;
    shown = key;
    strip.replaceChildren(
      ...groupsOf(networks, factor).map(([value, indices]) => {
        const group = make("li", "group");
        const runs = make("div", "runs");
        const counts = readings(indices, reads).map(([digit, some]) => {
          const run = make("span", "run");
          run.append(make("b", "digit", digit), ...some.map((index) => dots[index]));
          runs.append(run);
          return `${some.length} read ${digit}`;
        });
        runs.setAttribute("aria-hidden", "true");
        const count = make("span", "count", counts.join(", "));
        group.append(make("span", "name", label(value)), count, runs);
        return group;
      }),
    );
  };

  /** @param {number[]} reads */
  const paintTable = (reads) => {
    const lines = groupsOf(networks, "name").map(([name, indices]) => {
      const line = make("tr");
      const head = make("th", "", name);
      head.scope = "row";
      line.append(head, make("td", "", indices.length));
      const counts = Array(10).fill(0);
      for (const index of indices) counts[reads[index]]++;
      for (const count of counts)
        line.append(make("td", count === indices.length ? "all" : "", count || ""));
      return line;
    });
    tableBody.replaceChildren(...lines);
  };

  const paint = () => {
    if (!digits) {
      shown = "";
      strip.replaceChildren();
      tableBody.replaceChildren();
      return;
    }
    paintStrip(digits);
    dots.forEach((dot, index) => (dot.style.opacity = String(0.25 + 0.0075 * percent[index])));
    if (every.open) paintTable(digits);
  };

  const head = make("tr");
  for (const text of ["configuration", "networks", ...Array(10).keys()]) {
    const cell = make("th", "", text);
    cell.scope = "col";
    head.append(cell);
  }
  find(element, ".every thead").append(head);
  every.addEventListener("toggle", paint);

  const radios = findAll(element, "[name=factor]", HTMLInputElement);
  const asked = radios.find(({ value }) => value === linked("draw").get("by"));
  if (asked) {
    asked.checked = true;
    factor = /** @type {Factor} */ (asked.value);
  }
  for (const radio of radios)
    radio.addEventListener("change", () => {
      factor = /** @type {Factor} */ (radio.value);
      paint();
    });
  strip.addEventListener("pointerover", ({ target }) => {
    const index = target instanceof HTMLElement ? target.dataset.network : undefined;
    if (index === undefined || !digits) return;
    const { name, seed } = networks[Number(index)];
    const reads = `reads ${digits[Number(index)]}, ${percent[Number(index)]} % sure`;
    /** @type {HTMLElement} */ (target).title = `${name}, seed ${seed}: ${reads}`;
  });
  find(element, ".every .csv").addEventListener("click", () => {
    const data = networks.map(({ name, seed }, index) => [
      name,
      seed,
      digits?.[index],
      percent[index],
    ]);
    saveCsv("votes", { headers: ["configuration", "seed", "reads", "sure, %"], data });
  });
  for (const button of findAll(element, ".every .save", HTMLButtonElement))
    button.addEventListener("click", () =>
      saveView("votes", [find(element, ".pad"), find(element, ".said"), strip]),
    );

  return {
    get factor() {
      return factor;
    },
    /**
     * @param {number[] | undefined} newDigits what each network reads, none where nothing is asked
     * @param {number[] | undefined} newPercent how sure it is
     */
    show(newDigits, newPercent) {
      digits = newDigits?.length ? newDigits : null;
      percent = newPercent ?? [];
      paint();
    },
  };
};
