// Draw: the drawing pad, and what the networks read while the pen moves.

import { imageOf, inFragment, linkedDigit, queryOf, rewriteOldLink } from "./address.js";
import { latestFirst } from "./asking.js";
import { dataSet } from "./data_set.js";
import { put, readDrawing } from "./database.js";
import { toDigit } from "./files.js";
import { openTab } from "./gradio.js";
import { mountHand } from "./hand.js";
import { mountKeyboard } from "./keyboard.js";
import { mountLaboratory } from "./laboratory.js";
import { makeLearned } from "./learned.js";
import { fillNetworks, furtherWith } from "./networks.js";
import { countAnswer, fill, find, make, makeButton } from "./nodes.js";
import { mountDevice } from "./pad_device.js";
import { paintDigit, Paper } from "./paper.js";
import { mountPictures } from "./pictures.js";
import { mountPointer } from "./pointer.js";
import { mountSamples } from "./samples.js";
import { answerTo } from "./server.js";
import { get, receive, set, watch } from "./store.js";
import { toStrokes } from "./strokes.js";
import { mountVerdicts } from "./verdicts.js";
import { copyLink, noteView, restoring } from "./views.js";
import { copied, isKept, visit } from "./visit.js";
import { serverVotes, toSent } from "./votes_source.js";
import { mountVotes } from "./votes.js";

/** @typedef {import("./votes_source.js").Sent & { lab: import("./laboratory.js").Settings | null }} Asked */
/** @typedef {import("./votes_source.js").Question | Asked & { view: "laboratory" } | { view: "weights", further: string[] } | import("./samples.js").Question | import("./pictures.js").Question} Question */
/** @typedef {{ name: string, norm: string, regulariser: string, batch: number, l1: number, l2: number, trials: { seed: number, trial: string }[] }} Configuration of voters */
/**
 * @typedef {object} Props
 * @property {import("./picture_files.js").Limits} limits
 * @property {import("./sentences.js").Norms} norms
 * @property {Record<string, string>} steps
 * @property {import("./laboratory.js").Slider[]} sliders
 * @property {string} rates of the badge, in words
 * @property {import("./sentences.js").Templates} sentences
 * @property {Configuration[]} configurations
 * @property {import("./networks.js").Choice[]} others
 * @property {import("./learned.js").Learned[]} learned networks that were kept while they learned
 * @property {number} most further networks at once
 * @property {string} voters
 * @property {string} nothing what is said where no network votes
 * @property {string} greeting address of the first test image of the gallery, a `Sample`
 * @property {import("./pad_device.js").DeviceProps} device
 */

const LOST = "The explorer does not answer: networks that you chose could not be loaded.";

/**
 * @param {HTMLElement} element
 * @param {Props} props
 * @param {{ ask: import("./server.js").ServerFunction<Question & { visit: string }, any> }} server
 * @param {import("./start.js").Page} page
 */
export const mount = (element, props, server, { signal }) => {
  const pad = find(element, ".pad", HTMLCanvasElement);
  if (!dataSet().isDrawn) {
    element.classList.add("picks");
    pad.tabIndex = -1;
    pad.setAttribute("role", "img");
    pad.setAttribute("aria-label", "The test digit that the networks read");
    find(element, ".question .wide").textContent =
      "Choose a test digit. Each network has 7,288 parameters and was trained in its own way.";
  }
  const networks = find(element, ".networks");
  const paper = new Paper(pad);
  const reading = readDrawing(copied || visit); // before anything is kept in its place
  const voters = props.configurations.flatMap(({ trials, ...configuration }) =>
    trials.map((trial) => ({ ...configuration, ...trial })),
  );
  /** @param {Question} question */
  const questionServer = (question) => answerTo(server.ask, question, "Draw on to ask again.");
  const device = mountDevice(
    element,
    props.device,
    serverVotes(server.ask),
    {
      askBeside: async () => {
        const { networks } = further.length
          ? await questionServer({ view: "weights", further })
          : { networks: [] };
        find(element, ".lost").textContent = networks ? "" : LOST;
        const own = get("own").map(({ name, words, hue, weights }) => {
          return { key: name, words, hue: props.norms[hue].hue, weights };
        });
        return networks && [...own, ...networks];
      },
      changed: () => {
        ask(!stroke);
        hand.renew();
      },
    },
    signal,
  );
  const lookInside = () => {
    publish();
    set("lookInside", {});
  };
  const note = () => {
    const test = hand.shown(); // a test is linked without what is drawn in it
    const by = votes.factor === "norm" ? "" : votes.factor;
    noteView("draw", { ...(test ? {} : link()), test, by, further: further.join("|") });
  };
  const votes = mountVotes(element, voters, props.norms, { lookInside, changed: note });
  const verdicts = mountVerdicts(element, voters, props);
  const laboratory = mountLaboratory(element, props, {
    askStages: async () => {
      if (paper.isBlank) return null;
      const answer = await device
        .examine(paper.picture(), laboratory.settings())
        .catch(() => questionServer({ ...asked(), view: "laboratory" }));
      return paper.isBlank ? null : answer;
    },
    changed: (isMoving) => {
      isFadedByGallery = false;
      if (!isMoving) note();
      ask(!isMoving);
    },
  });

  /** @returns {Asked} */
  const asked = () => ({ ...toSent(paper.picture()), lab: laboratory.settings() });
  const link = () => ({ ...paper.link(), ...laboratory.link() });
  let published = "";
  const publish = () => {
    note();
    const drawing = paper.isBlank ? null : { asked: asked(), link: link() };
    const text = JSON.stringify(drawing);
    if (text === published) return; // only who answered has changed
    published = text;
    set("drawing", drawing);
    keepPaper();
  };
  let hasKept = false;
  reading.then((text) => (hasKept ||= text !== ""));
  /** Keeps what is on the paper for a reload, but for a test image, which stands in the address, and for a test's digits. */
  const keepPaper = async () => {
    if (hand.shown()) return;
    const { fragment } = inFragment(queryOf("draw", paper.link()));
    if (!fragment && !hasKept) return;
    hasKept = true;
    const isThere = isKept && (await put("drawings", { visit, text: fragment.slice(1) }));
    find(element, ".unkept").hidden = isThere || !fragment;
  };

  /** @param {Partial<import("./votes_source.js").Answered>} answer */
  const paintAnswer = (answer) => {
    const poll = answer.probs ? /** @type {import("./votes_source.js").Poll} */ (answer) : null;
    if (poll) verdicts.show(poll);
    else verdicts.say(answer.error ?? "Draw a digit.", Boolean(answer.error));
    for (const name of [".seen", ".seen-again"])
      paintDigit(find(element, name, HTMLCanvasElement), poll?.seen ?? new Uint8Array(784));
    votes.show(poll?.voters ?? [], poll?.probs ?? []);
    const readings = poll ? poll.others : [];
    if (readings) learned.keepFocus(() => own.replaceChildren(...readings.map(paintReading)));
    paintSource(answer.by ?? device.source.name);
    element.dataset.networks = String(poll?.voters.length ?? 0);
    countAnswer(element);
  };
  /** @param {import("./votes_source.js").Computer} by */
  const paintSource = (by) => {
    element.dataset.votes = by;
    find(element, ".sent").textContent = device.sent(by);
  };
  /** @param {import("./votes_source.js").Reading} reading */
  const paintReading = ({ name, words, hue, ...reading }) => {
    const said = reading.error ?? `reads ${reading.digit}, ${reading.percent} % sure`;
    const line = make("li", "", `${words}: ${said}`);
    line.style.borderColor = hue;
    const leave = () => askFurther(further.filter((other) => other !== name));
    const slider = learned.slider(name ?? "", (other) =>
      askFurther([...new Set(further.map((one) => (one === name ? other : one)))]),
    );
    if (slider) line.append(slider);
    if (name) line.append(makeButton("Remove", leave, `Remove: ${words}`));
    return line;
  };

  /** @param {boolean} isAtRest of the pen, or of a slider */
  const askSource = async (isAtRest) => {
    if (paper.isBlank) return paintAnswer({});
    const options = { first: !isAtRest, further };
    const answer = await device.source.ask(paper.picture(), laboratory.settings(), options);
    if (!paper.isBlank) paintAnswer(answer);
  };
  /** @param {boolean} isBusy */
  const showBusy = (isBusy) => {
    networks.setAttribute("aria-busy", String(isBusy));
    if (isBusy) return;
    laboratory.refresh();
    publish();
  };
  const ask = latestFirst(askSource, showBusy, () => device.source.name === "device");

  const own = find(element, ".own", HTMLElement);
  const learned = makeLearned(own, props.learned);
  // Networks that do not vote read the drawing only while they are chosen.
  const others = find(element, ".further select", HTMLSelectElement);
  /** @type {string[]} */
  let further = [];
  /** @param {string[]} names */
  const keepFurther = (names) => {
    further = names;
    for (const option of others.options) option.disabled = further.includes(option.value);
    others.disabled = further.length >= props.most;
  };
  const followBeside = async () => {
    showBusy(true);
    const isKnown = await device.followBeside();
    ask(true);
    return isKnown;
  };
  /** @param {string[]} names */
  const askFurther = async (names) => {
    const before = further;
    keepFurther(names);
    if (!(await followBeside())) keepFurther(before); // to be chosen again
  };
  fillNetworks(others, props.others);
  fill(others, learned.options);
  find(element, ".further").hidden = others.options.length < 2;
  find(element, ".voters").textContent = props.voters;
  others.addEventListener("change", () => {
    if (others.value) askFurther([...further, others.value]);
    others.value = "";
  });

  /** @param {string} name of a class */
  const button = (name) => find(element, name, HTMLButtonElement);
  const enable = () => {
    for (const name of [".link", ".inside", ".clear"]) button(name).disabled = paper.isBlank;
    button(".undo").disabled = !paper.canUndo;
    button(".redo").disabled = !paper.canRedo;
    hand.noted();
  };
  // A digit of the gallery is shown faded; what comes after it is not.
  let isFadedByGallery = false;
  const fade = () => {
    const contrast = paper.content.sample?.contrast ?? null;
    if (contrast !== null || isFadedByGallery) laboratory.setFade(contrast ?? 1);
    isFadedByGallery = contrast !== null;
  };
  const show = () => {
    fade();
    enable();
    find(element, ".lost").textContent = "";
    samples.describe();
    pictures.describe();
    paper.paint(); // whole strokes, as a link paints them: where parts overlap their edges are darker
    publish();
    ask(true);
  };

  const onPaper = {
    /** @param {import("./paper.js").Sample} sample */
    show: (sample) => {
      paper.change({ sample, strokes: [] });
      show();
    },
    shown: () => paper.content.sample,
  };
  /** @param {string} [error] */
  const refuse = (error) => {
    if (paper.isBlank) paintAnswer({ error });
    else find(element, ".lost").textContent = error ?? "";
  };
  const samples = mountSamples(element, {
    ...onPaper,
    greeting: props.greeting,
    ask: questionServer,
    refuse,
  });
  const pictures = mountPictures(
    element,
    {
      ...onPaper,
      limits: props.limits,
      ask: (question) => answerTo(server.ask, question, "Choose the picture again."),
      wanted: samples.cancel,
    },
    signal,
  );
  // What is under way comes too late once something else is on the paper.
  const cancel = () => {
    samples.cancel();
    pictures.cancel();
  };

  const eraser = button(".eraser");
  const isErasing = () => eraser.getAttribute("aria-pressed") === "true";
  /** @param {boolean} on */
  const erase = (on) => eraser.setAttribute("aria-pressed", String(on));
  eraser.addEventListener("click", () => erase(!isErasing()));

  /** @type {import("./strokes.js").Stroke | null} */
  let stroke = null;
  const pen = {
    /** @param {import("./strokes.js").Point} point */
    begin: (point) => {
      cancel();
      if (paper.isBlank || paper.content.sample) erase(false); // there are no strokes to erase
      const width = Number(find(element, ".width input", HTMLInputElement).value);
      stroke = { width, points: [point], ...(isErasing() && { erases: true }) };
      paper.add(stroke);
      fade();
      enable();
      ask(false);
    },
    /** @param {import("./strokes.js").Point[]} points */
    extend: (...points) => {
      if (!stroke) return;
      const from = stroke.points.length - 1;
      stroke.points.push(...points);
      paper.paintStroke(stroke, from);
      ask(false);
    },
    end: () => {
      stroke = null;
      show();
    },
    undo: () => {
      paper.undo();
      show();
    },
    redo: () => {
      paper.redo();
      show();
    },
  };
  mountPointer(pad, pen);
  mountKeyboard(element, pad, pen);

  const hand = mountHand(
    element,
    voters,
    props.norms,
    {
      paper,
      put: (content, isFresh) => {
        cancel();
        erase(false);
        if (isFresh) laboratory.setFade(1);
        paper.change(content);
        if (isFresh) paper.forget();
        show();
      },
      ask: (picture) => device.source.ask(picture, null, { first: false, further: [] }),
      changed: () => note(),
    },
    signal,
  );

  button(".undo").addEventListener("click", pen.undo);
  button(".redo").addEventListener("click", pen.redo);
  button(".clear").addEventListener("click", () => {
    cancel();
    if (!paper.isBlank) paper.change({ sample: null, strokes: [] });
    erase(false);
    show();
  });
  button(".link").addEventListener("click", copyLink);
  button(".inside").addEventListener("click", () => {
    lookInside();
    openTab("inside");
  });
  watch("own", followBeside, signal);
  if (get("own").length) followBeside();

  /**
   * Shows the drawing or the digit that the address names, or that is kept. Returns whether there is one.
   * @param {URLSearchParams} [query]
   */
  const showLinked = (query = linkedDigit()) => {
    const strokes = toStrokes(query.get("drawing") ?? "");
    const pixels = toDigit(query.get("digit") ?? "");
    const { drawing, digit } = link();
    if (pixels && query.get("digit") !== digit) {
      const words = "A digit that the link holds.";
      onPaper.show({ index: null, pixels, words, contrast: null, from: "" });
    } else if (strokes && query.get("drawing") !== drawing) {
      paper.change({ sample: null, strokes });
      show();
    }
    return Boolean(pixels || strokes);
  };
  const known = new Set(props.others.map((choice) => ("name" in choice ? choice.name : "")));
  /** Takes the settings that the address names. Returns the test image that it names, or null. */
  const takeLinked = () => {
    const query = linkedDigit();
    const asking = (query.get("further") ?? "")
      .split("|")
      .filter(
        (name) => name && (known.has(name) || learned.has(name) || furtherWith(props.others, name)),
      );
    keepFurther(asking.slice(0, props.most));
    return imageOf(query);
  };
  const restore = () => {
    votes.restore();
    laboratory.restore();
    isFadedByGallery = false;
    const image = takeLinked();
    followBeside();
    if (hand.restore()) return;
    if (image !== null && image !== paper.content.sample?.index) samples.showSample({ image });
    else if (image === null && !showLinked()) leaveSample();
  };
  /** Puts the drawing back that was on the paper before test images. */
  const leaveSample = () => {
    if (!paper.content.sample) return;
    while (paper.content.sample && paper.canUndo) paper.undo();
    show();
  };
  restoring("draw", restore, signal);

  const image = takeLinked();
  rewriteOldLink();
  const open = async () => {
    if (hand.restore()) return true;
    if (image !== null) return samples.showSample({ image });
    if (showLinked()) return true;
    const drawing = await reading;
    if (!paper.isBlank || paper.canUndo) return false; // the visitor was faster
    if (showLinked(new URLSearchParams(drawing))) return true;
    return laboratory.settings() ? samples.showDigit(7) : samples.showDivided();
  };
  const opening = async () => {
    if (!(await open())) return;
    paper.forget(); // undo stops at what greets the visitor
    enable();
  };
  const showSent = () =>
    receive(
      "testImage",
      ({ index, from }) => {
        samples.showSample({ image: index }, from);
        setTimeout(() => pad.focus()); // when it is visible
      },
      signal,
    );
  opening().then(showSent);
};
