// Inside: the maps of one network, or of two side by side, and the parts that look further into them.

import { chooseLinked, imageOf, linked } from "./address.js";
import { mountBatches } from "./batches.js";
import { saveCsv } from "./files.js";
import { networkOptions, offerOwn } from "./networks.js";
import {
  asImage,
  countAnswer,
  digitOptions,
  fill,
  find,
  findAll,
  make,
  makePicture,
  makeRow,
} from "./nodes.js";
import { saveCharts, saveView } from "./picture.js";
import { mountSaliency } from "./saliency.js";
import { answerTo } from "./server.js";
import { get, set, watch } from "./store.js";
import { copyLink, noteView, restoring } from "./views.js";
import { mountWeights } from "./weights.js";
import { paintXray } from "./xray.js";

/** @typedef {import("./pad.js").Asked} Picture a drawing or a test image, with the laboratory's settings */
/** @typedef {{ trials: string[] } & (Picture | { digit: number, turn: number } | { image: number })} MapsQuestion */
/** @typedef {MapsQuestion | import("./batches.js").Question | import("./saliency.js").Question | import("./weights.js").Question} Question */
/** @typedef {(question: Question) => Promise<import("./server.js").Answer<any>>} Ask */
/**
 * @typedef {object} Block
 * @property {string} title
 * @property {string} before sprite of the maps before the norm
 * @property {string} after
 * @property {{ before: string, after: string }[]} maps moments in words, of each channel
 */
/**
 * @typedef {object} Maps
 * @property {number | null} index of the test image
 * @property {string} image in words
 * @property {string} sprite the digit
 * @property {string} words
 * @property {{ name: string, blocks: Block[] }[]} sides
 * @property {{ headers: string[], data: (string | number)[][] }} table
 */
/**
 * @typedef {object} Props
 * @property {import("./networks.js").NetworkChoice[]} trials
 * @property {Record<string, string>} methods of attribution, and what each says
 * @property {string} source
 * @property {string} nothing what is said where there is no network
 * @property {[number, number]} drawn channels and images of a diagram
 * @property {{ words: string, channels: number, images: number }[]} together what each norm takes together
 * @property {string} unmoved
 */
/**
 * What the page's parts share: the networks that are chosen, the digit, questions.
 * @typedef {object} Shared
 * @property {Props} props
 * @property {Ask} ask
 * @property {() => string[]} chosen names of the one or two networks
 * @property {() => Picture | { digit: number, turn: number } | { image: number } | { error: string }} subject
 * @property {(name: string) => string} value of a select
 */
/**
 * A part of the page: what it does when the digit, or when the networks, are chosen anew; its tables by the buttons' names.
 * @typedef {object} Part
 * @property {() => void} [digitChanged]
 * @property {() => void} networksChanged
 * @property {() => Record<string, import("./files.js").Table | undefined>} tables
 */

const DRAWN = "drawn";
const CHOSEN = ["trial", "other", "third", "fourth", "method", "target"];
const FOLDED = ["saliency", "weights", "xray", "batches", "axes", "numbers"];
/** @type {Record<string, string[]>} */
const CHARTS = {
  weights: [".weights .keys", ".histograms", ".growth", ".depths"],
  batches: [".batches .keys", ".chart"],
  xray: [".rays"],
};
/** @type {Record<string, string[]>} */
const VIEWS = { inside: [".found"], saliency: [".salient", ".bar"] };

/** @param {{ name: string, blocks: Block[] }} side */
const makeSide = ({ name, blocks }) => {
  const side = make("section", "side");
  side.append(make("h3", "", name));
  for (const { title, before, after, maps } of blocks) {
    const block = make("div", "block");
    block.append(make("h4", "", title));
    for (const [when, sprite] of /** @type {const} */ ([
      ["before", before],
      ["after", after],
    ])) {
      const line = make("div", "row");
      line.append(make("span", "when", when));
      maps.forEach((map, index) => {
        const label = `${title}, channel ${index + 1} ${when} the norm: mean ${map[when]}`;
        const cell = make("figure");
        cell.append(makePicture(sprite, index, 44, label), make("figcaption", "", map[when]));
        line.append(cell);
      });
      block.append(line);
    }
    side.append(block);
  }
  return side;
};

/**
 * Diagrams of what each norm takes together: channels by row, images by column.
 * @param {HTMLElement} element
 * @param {Props} props
 */
const paintDiagrams = (element, { drawn: [channelsDrawn, imagesDrawn], together }) => {
  for (const { words, channels, images } of together) {
    const cube = make("figure", "cube");
    const cells = make("div", "cells");
    asImage(cells, words);
    cells.style.setProperty("--images", String(imagesDrawn));
    for (let channel = 0; channel < channelsDrawn; channel++)
      for (let image = 0; image < imagesDrawn; image++)
        cells.append(make("i", channel < channels && image < images ? "taken" : ""));
    cube.append(cells, make("figcaption", "", words));
    find(element, ".cubes").append(cube);
  }
};

/**
 * @param {HTMLElement} element
 * @param {Props} props
 * @param {{ ask: import("./server.js").ServerFunction<Question & { visit: string }, any> }} server
 * @param {import("./start.js").Page} page
 */
export const mount = (element, props, server, { signal }) => {
  /** @param {string} name */
  const select = (name) => find(element, `select.${name}`, HTMLSelectElement);
  /** @param {string} name */
  const details = (name) => find(element, `details.${name}`, HTMLDetailsElement);
  const trials = networkOptions(props.trials);
  const digit = select("digit");
  fill(select("trial"), trials);
  for (const name of ["other", "third", "fourth"]) fill(select(name), [["", "none"], ...trials]);
  fill(digit, [...digitOptions(), [DRAWN, "as in Draw"]]);
  digit.value = "7";
  let turn = 0; // of the digit
  /** @type {number | null} */
  let image = null; // a test image that is shown, or that a link names
  /** @type {Record<string, unknown>} */
  let shown = {}; // what a link holds of the digit that is shown
  /** @type {Maps["table"]} */
  let table = { headers: [], data: [] };

  /** @type {Shared} */
  const shared = {
    props,
    ask: (question) => answerTo(server.ask, question),
    value: (name) => select(name).value,
    chosen: () => ["trial", "other"].map((name) => select(name).value).filter(Boolean),
    subject: () => {
      if (digit.value === DRAWN) return get("drawing")?.asked ?? { error: "Draw a digit first." };
      return image === null ? { digit: Number(digit.value), turn } : { image };
    },
  };
  /** @type {Part[]} */
  const parts = [mountBatches, mountSaliency, mountWeights].map((mountPart) =>
    mountPart(element, shared),
  );

  let asked = 0;
  const show = async () => {
    const mine = ++asked;
    const subject = trials.length ? shared.subject() : { error: props.nothing };
    const link = digit.value === DRAWN ? get("drawing")?.link : null;
    /** @type {import("./server.js").Answer<Maps>} */
    const answer =
      "error" in subject ? subject : await shared.ask({ trials: shared.chosen(), ...subject });
    if (mine !== asked) return;
    paint(answer);
    if (answer.error) return;
    if (digit.value !== DRAWN) image = answer.index ?? null;
    shown = link ? { drawn: 1, ...link } : { image };
    note();
  };
  const note = () => {
    const settings = Object.fromEntries(CHOSEN.map((name) => [name, shared.value(name)]));
    const open = FOLDED.filter((name) => details(name).open).join("|");
    noteView("inside", { ...settings, ...shown, open });
  };
  /** @param {import("./server.js").Answer<Maps>} answer */
  const paint = (answer) => {
    find(element, ".error").textContent = answer.error ?? "";
    find(element, ".said").textContent = answer.words ?? "";
    const seen = answer.sprite
      ? [makePicture(answer.sprite, 0, 112), make("p", "words", answer.image)]
      : [];
    find(element, ".looked").replaceChildren(...seen);
    const sides = answer.sides ?? [];
    find(element, ".sides").replaceChildren(...sides.map(makeSide));
    table = answer.table ?? { headers: [], data: [] };
    find(element, ".numbers thead").replaceChildren(makeRow("th", table.headers));
    find(element, ".numbers tbody").replaceChildren(
      ...table.data.map((cells) => makeRow("td", cells)),
    );
    const titles = sides.map(({ name }) => name);
    if (answer.table) paintXray(find(element, ".rays"), titles, table);
    countAnswer(element);
  };

  const digitChanged = () => {
    show();
    for (const part of parts) part.digitChanged?.();
  };
  const networksChanged = () => {
    digitChanged();
    for (const part of parts) part.networksChanged();
  };

  // Changes in Draw are taken up when this tab is next visible.
  let isStale = false;
  const refresh = () => {
    if (!isStale || !element.checkVisibility()) return;
    isStale = false;
    digitChanged();
  };
  let isOpening = true; // until the drawing that a link may mean has arrived
  const openLinked = () => {
    const drawing = get("drawing");
    if (!isOpening || !drawing) return;
    isOpening = false;
    if (drawing.asked.lab && image !== null && drawing.link.image === image) digit.value = DRAWN;
  };
  const followDrawing = () => {
    openLinked();
    isStale = digit.value === DRAWN;
    refresh(); // at once if this tab is already visible
  };
  const lookInside = () => {
    if (!get("lookInside")) return;
    set("lookInside", null);
    digit.value = DRAWN;
    digitChanged();
  };
  watch("drawing", followDrawing, signal);
  watch("lookInside", lookInside, signal);
  const seen = new IntersectionObserver(refresh);
  seen.observe(find(element, ".found"));
  signal.addEventListener("abort", () => seen.disconnect());

  find(element, ".next").addEventListener("click", () => {
    if (digit.value === DRAWN) digit.value = "7";
    else turn += 1;
    image = null;
    digitChanged();
  });
  element.addEventListener("change", ({ target }) => {
    if (!(target instanceof Element)) return;
    note();
    if (target.closest(".saliency")) return parts.forEach((part) => part.digitChanged?.());
    if (target !== digit) return networksChanged();
    [turn, image] = [0, null];
    digitChanged();
  });

  for (const name of FOLDED) details(name).addEventListener("toggle", note);
  find(element, ".link").addEventListener("click", copyLink);
  for (const button of findAll(element, ".csv", HTMLButtonElement))
    button.addEventListener("click", () => {
      const tables = Object.assign({ inside: table }, ...parts.map((part) => part.tables()));
      if (tables[button.name]) saveCsv(button.name, tables[button.name]);
    });
  for (const button of findAll(element, ".save", HTMLButtonElement))
    button.addEventListener("click", () => {
      const { name, value } = button;
      const nodes = (CHARTS[name] ?? VIEWS[name]).map((selector) => find(element, selector));
      if (name in VIEWS) saveView(name, nodes);
      else saveCharts(name, /** @type {import("./picture.js").Format} */ (value), nodes);
    });

  paintDiagrams(element, props);
  const restore = () => {
    const query = linked("inside");
    for (const name of CHOSEN) chooseLinked(select(name), query.get(name));
    const open = (query.get("open") ?? "").split("|");
    for (const name of FOLDED) details(name).open = open.includes(name);
    const isDrawn = ["drawing", "digit", "drawn"].some((key) => query.has(key));
    digit.value = isDrawn ? DRAWN : "7";
    [turn, image] = [0, imageOf(query)];
    openLinked();
    networksChanged();
  };
  restoring("inside", restore, signal);
  restore();
  lookInside();
  const own = ["trial", "other", "third", "fourth"].map(select);
  offerOwn("inside", own, { changed: networksChanged }, signal);
};
