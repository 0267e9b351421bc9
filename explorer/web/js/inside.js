// Inside: the maps of one network, or of up to three side by side, and the parts that look further into them.

import { chooseLinked, imageOf, linked } from "./address.js";
import { mountBatches } from "./batches.js";
import { saveCsv } from "./files.js";
import { titleOf } from "./gradio.js";
import { mountMaps } from "./maps.js";
import { fillNetworks, offerOwn, reveal } from "./networks.js";
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
import { get, receive, watch } from "./store.js";
import { copyLink, noteView, restoring } from "./views.js";
import { mountWeights } from "./weights.js";
import { paintXray } from "./xray.js";

/** @typedef {import("./pad.js").Asked} Picture a drawing or a test image, with the laboratory's settings */
/** @typedef {{ trials: string[], epoch?: number | null } & (Picture | { digit: number, turn: number } | { image: number })} MapsQuestion */
/** @typedef {MapsQuestion | import("./batches.js").Question | import("./saliency.js").Question | import("./weights.js").Question} Question */
/** @typedef {(question: Question) => Promise<import("./server.js").Answer<any>>} Ask */
/**
 * @typedef {object} Maps
 * @property {number | null} index of the test image
 * @property {string} image in words
 * @property {string} sprite the digit
 * @property {import("./maps.js").Side[]} sides
 * @property {{ headers: string[], data: (string | number)[][] }} table
 */
/**
 * @typedef {object} Props
 * @property {import("./networks.js").Choice[]} trials
 * @property {Record<string, string>} methods of attribution, and what each says
 * @property {string} source
 * @property {string} nothing what is said where there is no network
 * @property {[number, number]} drawn channels and images of a diagram
 * @property {{ words: string, channels: number, images: number }[]} together what each norm takes together
 * @property {string[]} opening names of the networks that are shown at first
 * @property {string} unmoved
 * @property {Record<string, number[]>} epochs after which networks were kept, the last included, by the networks' names
 */
/**
 * State that the page's parts share: the networks that are chosen, the digit, questions.
 * @typedef {object} Shared
 * @property {Props} props
 * @property {Ask} ask
 * @property {() => number | null} epoch of the networks that were kept while they learned; null for the last
 * @property {() => string[]} chosen names of the one to three networks
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
const SHOWN = ["trial", "other", "third"]; // networks whose maps are shown
const CHOSEN = [...SHOWN, "fourth", "method", "target", "when"];
const FOLDED = ["saliency", "weights", "xray", "batches", "numbers"];
/** @type {Record<string, string[]>} */
const CHARTS = {
  weights: [".weights .keys", ".histograms", ".growth", ".depths"],
  batches: [".batches .keys", ".chart"],
  xray: [".rays"],
};
/** @type {Record<string, string[]>} */
const VIEWS = { inside: [".found"], saliency: [".salient", ".bar"] };

/**
 * Diagrams of what each norm takes together with one cell, which sliders and the pointer choose: channels by row, images by column.
 * @param {HTMLElement} element
 * @param {Props} props
 */
const mountDiagrams = (element, { drawn, together }) => {
  const [channelsDrawn, imagesDrawn] = drawn;
  const sliders = ["channel", "image"].map((name) => find(element, `.${name}`, HTMLInputElement));
  sliders.forEach((slider, index) => (slider.max = String(drawn[index])));
  const diagrams = together.map(({ words, channels, images }) => {
    const cube = make("figure", "cube");
    const cells = make("div", "cells");
    cells.style.setProperty("--images", String(imagesDrawn));
    for (let cell = 0; cell < channelsDrawn * imagesDrawn; cell++) cells.append(make("i"));
    cube.append(cells, make("figcaption", "", words));
    find(element, ".cubes").append(cube);
    return { cells, words, channels, images };
  });
  const paint = () => {
    const [channel, image] = sliders.map(({ value }) => Number(value) - 1);
    for (const { cells, words, channels, images } of diagrams) {
      asImage(cells, `${words}, with channel ${channel + 1} of image ${image + 1}`);
      [...cells.children].forEach((cell, index) => {
        const [row, column] = [Math.floor(index / imagesDrawn), index % imagesDrawn];
        /** @type {(at: number, chosen: number, size: number) => boolean} */
        const shares = (at, chosen, size) =>
          size > 0 && Math.floor(at / size) === Math.floor(chosen / size);
        const isTaken = shares(row, channel, channels) && shares(column, image, images);
        cell.classList.toggle("taken", isTaken);
        cell.classList.toggle("ringed", row === channel && column === image);
      });
    }
  };
  for (const slider of sliders) slider.addEventListener("input", paint);
  find(element, ".cubes").addEventListener("pointerover", ({ target }) => {
    if (!(target instanceof HTMLElement) || target.tagName !== "I") return;
    const index = [...(target.parentElement?.children ?? [])].indexOf(target);
    sliders[0].value = String(1 + Math.floor(index / imagesDrawn));
    sliders[1].value = String(1 + (index % imagesDrawn));
    paint();
  });
  paint();
};

/**
 * Link to the first networks that were kept while they learned, as they were after the first of those epochs; hidden without any.
 * @param {HTMLAnchorElement} link
 * @param {Record<string, number[]>} epochs by name
 */
const offerLearners = (link, epochs) => {
  const names = Object.keys(epochs).slice(0, SHOWN.length);
  link.hidden = !names.length;
  if (!names.length) return;
  const shown = names.map((name, index) => [SHOWN[index], name]);
  link.href = `?${new URLSearchParams([["tab", "inside"], ...shown, ["epoch", String(epochs[names[0]][0])]])}`;
};

/**
 * Slider over the epochs after which the first network was kept while it learned; hidden for a network without such epochs.
 * @param {HTMLElement} element
 * @param {() => number[]} epochsOf the chosen network, the last included
 */
const mountLearning = (element, epochsOf) => {
  const label = find(element, ".learning", HTMLElement);
  const slider = find(label, "input", HTMLInputElement);
  const say = () => {
    const text = String(epochsOf()[Number(slider.value)] ?? "");
    find(label, "output").textContent = text;
    slider.setAttribute("aria-valuetext", `epoch ${text}`);
  };
  slider.addEventListener("input", say);
  return {
    /** The chosen epoch; null for the last one, and without a slider. */
    epoch: () => {
      const epochs = epochsOf();
      const at = Number(slider.value);
      return at < epochs.length - 1 ? epochs[at] : null;
    },
    /** @param {number | null} epoch the last one for null, and for one that was not kept */
    choose: (epoch) => {
      const epochs = epochsOf();
      label.hidden = epochs.length < 2;
      slider.max = String(Math.max(0, epochs.length - 1));
      const at = epochs.indexOf(epoch ?? -1);
      slider.value = at < 0 ? slider.max : String(at);
      say();
    },
  };
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
  const digit = select("digit");
  for (const name of ["other", "third", "fourth"]) fill(select(name), [["", "none"]]);
  for (const name of ["trial", "other", "third", "fourth"])
    fillNetworks(select(name), props.trials);
  fill(digit, [...digitOptions(), [DRAWN, `as in ${titleOf("draw")}`]]);
  digit.value = "7";
  let turn = 0; // of the digit
  /** @type {number | null} */
  let image = null; // a test image that is shown, or that a link names
  /** @type {Record<string, unknown>} */
  let shown = {}; // what a link holds of the digit that is shown
  /** @type {Maps["table"]} */
  let table = { headers: [], data: [] };
  /** @type {Maps["sides"]} */
  let sides = [];
  const paintMaps = mountMaps(element);
  const learning = mountLearning(element, () => props.epochs[select("trial").value] ?? []);
  offerLearners(find(element, ".learners", HTMLAnchorElement), props.epochs);

  /** @type {Shared} */
  const shared = {
    props,
    ask: (question) => answerTo(server.ask, question),
    value: (name) => select(name).value,
    epoch: learning.epoch,
    chosen: () => SHOWN.map((name) => select(name).value).filter(Boolean),
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
    const subject = props.trials.length ? shared.subject() : { error: props.nothing };
    const link = digit.value === DRAWN ? get("drawing")?.link : null;
    /** @type {import("./server.js").Answer<Maps>} */
    const answer =
      "error" in subject
        ? subject
        : await shared.ask({ trials: shared.chosen(), epoch: shared.epoch(), ...subject });
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
    noteView("inside", { ...settings, ...shown, epoch: shared.epoch(), open });
  };
  const paintSides = () =>
    paintMaps(sides, /** @type {import("./maps.js").When} */ (shared.value("when")));
  /** @param {import("./server.js").Answer<Maps>} answer */
  const paint = (answer) => {
    find(element, ".error").textContent = answer.error ?? "";
    const seen = answer.sprite
      ? [makePicture(answer.sprite, 0, 112), make("p", "words", answer.image)]
      : [];
    find(element, ".looked").replaceChildren(...seen);
    sides = answer.sides ?? [];
    paintSides();
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
    digit.value = DRAWN;
    digitChanged();
  };
  watch("drawing", followDrawing, signal);
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
    if (!(target instanceof Element) || target.closest(".axes")) return;
    if (target === select("trial")) learning.choose(null);
    note();
    if (target.matches(".when")) return paintSides();
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

  find(element, "input.epoch").addEventListener("input", show);

  mountDiagrams(element, props);
  const restore = () => {
    const query = linked("inside");
    const isNamed = SHOWN.some((name) => query.has(name));
    for (const name of CHOSEN) {
      const first = isNamed ? undefined : props.opening[SHOWN.indexOf(name)];
      if (SHOWN.includes(name)) reveal(select(name), props.trials, query.get(name));
      chooseLinked(select(name), query.get(name), first);
    }
    learning.choose(Number(query.get("epoch")) || null);
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
  receive("lookInside", lookInside, signal);
  const own = [...SHOWN, "fourth"].map(select);
  /** Shows the network that another tab asks for, alone. */
  const looked = () => {
    for (const name of SHOWN.slice(1)) select(name).value = "";
    learning.choose(null);
    networksChanged();
  };
  offerOwn("inside", own, props.trials, { changed: networksChanged, looked }, signal);
};
