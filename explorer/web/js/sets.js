// Sets of digits: a set from a file is read by the networks on the visitor's device, and scored by norm and by configuration.

import { linked } from "./address.js";
import { makeSvg } from "./charts.js";
import { Device } from "./device.js";
import { readSet } from "./digit_sets.js";
import { saveCsv } from "./files.js";
import { countAnswer, find, findAll, make, makeButton } from "./nodes.js";
import { onDrop } from "./own_files.js";
import { paintDigit } from "./paper.js";
import { scrollWhenSeen } from "./scroll.js";
import { countRead } from "./set_reader.js";
import { INTERVAL, percent, scores } from "./set_scores.js";
import { copyLinkTo, restoring } from "./views.js";

/** @typedef {import("./set_scores.js").Score} Score */
/** @typedef {import("./digit_sets.js").DigitSet} DigitSet */
/**
 * @typedef {object} Props
 * @property {{ words: string, norm: string }[]} voters descriptions of their configurations, in the device's order
 * @property {Record<string, string>} hues of the norms
 * @property {import("./device_messages.js").Files} device
 * @property {number} most digits that all voters read
 * @property {{ above: number, words: string }} bright what is said of a set with a mean grey level above that
 */
/** @typedef {"name" | "share" | "networks"} Key */
/** @typedef {{ norms: Score[], configurations: Score[], digits: number, networks: number, name: string }} Result */

const PART = "set"; // of Draw, in a link
const SHOWN = 20; // digits of a set
/** @type {[Key | null, string][]} */
const COLUMNS = [
  ["name", "Configuration"],
  ["share", "Read, %"],
  [null, "95 %"],
  ["networks", "Networks"],
  [null, ""],
];
const CANNOT =
  "This browser cannot read a set on your device (it lacks workers, or WebAssembly with SIMD). In a terminal: python -m explorer.network.evaluate SET";

/**
 * The device with all its voters, loaded when it is first asked for. Rejects where it cannot compute.
 * @param {Props} props
 * @param {(arrived: number, total: number) => void} progress
 * @param {AbortSignal} signal
 */
const loaderOf = ({ device: files }, progress, signal) => {
  /** @type {Promise<Device> | null} */
  let loading = null;
  return () => {
    loading ??= new Promise((resolve, reject) => {
      const fail = (/** @type {string} */ reason) => {
        loading = null; // the next set tries again
        reject(new Error(reason));
      };
      try {
        /** @type {Device} */
        const device = new Device(
          files,
          {
            arrived: (networks, total) => {
              progress(networks.length, total);
              if (networks.length === total) resolve(device);
            },
            added: () => {},
            failed: () => fail(CANNOT),
            missing: (address) => {
              const isWeights = files.steps.some((step) => address.endsWith(step.address));
              if (isWeights) fail("Not all networks have arrived: try again later.");
            },
          },
          signal,
        );
      } catch {
        fail(CANNOT);
      }
    });
    return loading;
  };
};

/**
 * Description of a set.
 * @param {DigitSet} set
 * @param {Props["bright"]} bright
 */
const describe = ({ images, labels }, { above, words }) => {
  const mean = images.reduce((sum, level) => sum + level, 0) / images.length;
  const digits = `${labels.length.toLocaleString("en")} ${labels.length === 1 ? "digit" : "digits"}`;
  return { digits, note: mean > above ? ` ${words}` : "" };
};

/**
 * The first digits of a set with their labels.
 * @param {HTMLElement} node
 * @param {DigitSet} set
 */
const paintSome = (node, { images, labels }) => {
  const count = Math.min(SHOWN, labels.length);
  const figures = Array.from({ length: count }, (_, index) => {
    const figure = make("figure");
    const canvas = make("canvas");
    canvas.width = canvas.height = 28;
    paintDigit(canvas, images.subarray(784 * index, 784 * (index + 1)));
    figure.append(canvas, make("figcaption", "", labels[index]));
    return figure;
  });
  node.setAttribute(
    "aria-label",
    `The first ${count} digits, with labels ${labels.slice(0, count).join(", ")}`,
  );
  node.replaceChildren(...figures);
};

/**
 * @param {Score} score
 * @param {number} digits
 * @param {{ from: number, to: number }} axis shares at its ends
 * @param {string} hue
 */
const makeLine = (score, digits, { from, to }, hue) => {
  const { low, high } = score.interval;
  const row = make("tr");
  const head = make("th", "", score.name);
  head.scope = "row";
  const interval = `${percent(low, digits)} to ${percent(high, digits)}`;
  const cells = [percent(score.share, digits), interval, score.networks];
  const at = (/** @type {number} */ share) => `${(100 * (share - from)) / (to - from)}%`;
  const svg = makeSvg("svg", { "aria-hidden": "true" });
  svg.append(
    makeSvg("line", { x1: at(low), x2: at(high), y1: 10, y2: 10, stroke: hue, "stroke-width": 2 }),
    makeSvg("circle", { cx: at(score.share), cy: 10, r: 4, fill: hue }),
  );
  const axis = make("td", "axis");
  axis.append(svg);
  row.append(head, ...cells.map((cell) => make("td", "", cell)), axis);
  return row;
};

/**
 * @param {HTMLElement} element
 * @param {Record<string, string>} hues
 */
const mountTable = (element, hues) => {
  /** @type {{ key: Key, isDescending: boolean } | null} */
  let order = null;
  /** @type {Result | null} */
  let result = null;
  const sorted = (/** @type {Score[]} */ rows) => {
    if (!order) return rows;
    const { key, isDescending } = order;
    const sign = isDescending ? -1 : 1;
    return rows.toSorted((a, b) => {
      const less =
        key === "name" ? a.name.localeCompare(b.name, "en", { numeric: true }) : a[key] - b[key];
      return sign * less;
    });
  };
  const heads = COLUMNS.map(([key, label]) => {
    const head = make("th", key ? "" : label ? "" : "axis");
    head.scope = "col";
    if (!key) head.textContent = label;
    else
      head.append(
        makeButton(
          label,
          () => {
            const isSame = order?.key === key;
            order = { key, isDescending: isSame ? !order?.isDescending : key !== "name" };
            paint();
          },
          `sort by ${label}`,
        ),
      );
    return head;
  });
  const row = make("tr");
  row.append(...heads);
  find(element, "thead").replaceChildren(row);
  const paint = () => {
    if (!result) return;
    const { norms, configurations, digits } = result;
    const intervals = [...norms, ...configurations].map(({ interval }) => interval);
    const ends = {
      from: Math.min(...intervals.map(({ low }) => low)),
      to: Math.max(...intervals.map(({ high }) => high)),
    };
    for (const [name, rows] of Object.entries({ norms, configurations: sorted(configurations) }))
      find(element, `tbody.${name}`).replaceChildren(
        ...rows.map((score) => makeLine(score, digits, ends, hues[score.norm])),
      );
    COLUMNS.forEach(([key, label], place) => {
      if (!key) return;
      const isSorted = order?.key === key;
      const direction = order?.isDescending ? "descending" : "ascending";
      heads[place].setAttribute("aria-sort", isSorted ? direction : "none");
      const arrow = order?.isDescending ? " ↓" : " ↑";
      find(heads[place], "button").textContent = label + (isSorted ? arrow : "");
    });
  };
  return (/** @type {Result} */ shown) => {
    result = shown;
    paint();
  };
};

/** @param {Result} result */
const save = ({ norms, configurations, digits }) => {
  const rows = [...norms, ...configurations].map(({ name, norm, networks, share, interval }) => [
    name,
    norm,
    networks,
    digits,
    ...[share, interval.low, interval.high].map((value) => percent(value, digits)),
  ]);
  const headers = ["configuration", "norm", "networks", "digits", "read", "low", "high"];
  saveCsv("draw-set", { headers, data: rows });
};

/**
 * @param {HTMLElement} element
 * @param {Props} props
 * @param {unknown} _server
 * @param {import("./start.js").Page} page
 */
export const mount = (element, props, _server, { signal }) => {
  const box = find(element, ".set", HTMLDetailsElement);
  const input = find(element, "input", HTMLInputElement);
  const [running, shown] = [find(element, ".running"), find(element, ".result")];
  const state = (/** @type {string} */ words) => (find(element, ".state").textContent = words);
  const paint = mountTable(element, props.hues);
  find(element, ".most").textContent = props.most.toLocaleString("en");
  find(element, ".interval").textContent = INTERVAL;
  const load = loaderOf(
    props,
    (arrived, total) => state(`${arrived} of ${total} networks have arrived.`),
    signal,
  );
  /** @type {Result | null} */
  let result = null;
  let turn = new AbortController();
  signal.addEventListener("abort", () => turn.abort());

  /** @param {File} file */
  const take = async (file) => {
    turn.abort(); // of the set before
    turn = new AbortController();
    const mine = turn;
    find(element, ".error").textContent = "";
    shown.hidden = true;
    running.hidden = false;
    state(`Reading ${file.name} ...`);
    showProgress(0, 1, 0);
    try {
      const set = await readSet(file);
      const scored = await score(set, file.name, mine.signal);
      if (mine.signal.aborted || !scored) return;
      result = scored;
      const { digits, note } = describe(set, props.bright);
      find(element, ".about").textContent =
        `${file.name}: ${digits}, read by ${scored.networks} networks${labelled(scored)}.${note}`;
      paintSome(find(element, ".some"), set);
      paint(scored);
      shown.hidden = false;
    } catch (error) {
      if (!mine.signal.aborted)
        find(element, ".error").textContent = /** @type {Error} */ (error).message;
    } finally {
      if (mine === turn) running.hidden = true;
      countAnswer(element);
    }
  };
  /** @param {Result} scored */
  const labelled = ({ digits }) => (digits > props.most ? ", one seed of each configuration" : "");
  /**
   * @param {DigitSet} set
   * @param {string} name
   * @param {AbortSignal} cancelled
   * @returns {Promise<Result | null>}
   */
  const score = async (set, name, cancelled) => {
    const digits = set.labels.length;
    const device = await load();
    if (cancelled.aborted) return null;
    state(`The networks read ${name}.`);
    const begun = performance.now();
    const counted = await countRead(
      set,
      digits > props.most,
      (some, first) => device.read(some, first),
      (done) => showProgress(done, digits, performance.now() - begun),
      cancelled,
    );
    if (!counted) return null;
    const networks = counted.networks.map((index) => ({
      name: props.voters[index].words,
      norm: props.voters[index].norm,
    }));
    return {
      ...scores(networks, counted.correct, digits),
      digits,
      networks: networks.length,
      name,
    };
  };
  /**
   * @param {number} done
   * @param {number} digits
   * @param {number} took ms
   */
  const showProgress = (done, digits, took) => {
    const seconds = Math.ceil(((took / Math.max(1, done)) * (digits - done)) / 1000);
    find(element, "progress", HTMLProgressElement).value = done / digits;
    find(element, ".left").textContent = done
      ? `${done.toLocaleString("en")} of ${digits.toLocaleString("en")}, ${seconds} s left`
      : "";
  };

  find(element, ".choose").addEventListener("click", () => input.click());
  input.addEventListener("change", () => {
    const [file] = input.files ?? [];
    input.value = "";
    if (file) take(file);
  });
  onDrop(box, (files) => take(files[0]));
  find(element, ".cancel").addEventListener("click", () => {
    turn.abort();
    running.hidden = true;
    find(element, ".error").textContent = "Cancelled.";
    find(element, ".choose").focus();
  });
  find(element, ".csv").addEventListener("click", () => result && save(result));
  for (const button of findAll(element, ".link", HTMLButtonElement))
    button.addEventListener("click", () => copyLinkTo(PART));
  const restore = () => {
    if (linked("draw").get("part") !== PART) return;
    box.open = true;
    scrollWhenSeen(box, signal);
  };
  restoring("draw", restore, signal);
  restore();
};
