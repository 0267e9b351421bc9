// Draw: the drawing pad, which asks the server while the pen moves, and what the networks read.

import { copyLink, imageOf, linkedDigit } from "./address.js";
import { toBytes } from "./files.js";
import { openTab } from "./gradio.js";
import { mountKeyboard } from "./keyboard.js";
import { mountLaboratory } from "./laboratory.js";
import { networkOptions } from "./networks.js";
import { countAnswer, fill, find, make, makeButton } from "./nodes.js";
import { paintDigit, Paper } from "./paper.js";
import { answerTo } from "./server.js";
import { get, set, watch } from "./store.js";
import { SIDE, toStrokes } from "./strokes.js";
import { mountVotes } from "./votes.js";

/** @typedef {(import("./paper.js").Sample | { pixels: string }) & { lab: import("./laboratory.js").Settings | null }} Picture */
/** @typedef {Picture & { further: string[] } | Picture & { view: "laboratory" }} Question */
/** @typedef {{ name?: string, words: string, hue: string, digit: number, percent: number }} Reading */
/**
 * @typedef {object} Votes
 * @property {string} verdict
 * @property {string} doubt
 * @property {number | null} index of the test image
 * @property {string | null} sample its pixels
 * @property {string} seen the 784 pixels that the networks see
 * @property {number[]} digits
 * @property {number[]} percent
 * @property {Reading[]} own
 * @property {Reading[]} further
 */
/**
 * @typedef {object} Props
 * @property {Record<string, string>} hues by norm
 * @property {Record<string, string>} steps
 * @property {import("./laboratory.js").Slider[]} sliders
 * @property {string} badge
 * @property {import("./grouping.js").Voter[]} networks
 * @property {import("./networks.js").NetworkChoice[]} others
 * @property {number} most further networks at once
 * @property {string} voters
 */

const PAUSE = 100; // ms between two questions while the pen is down

/**
 * Asks one question at a time: the latest wins, and an urgent one does not wait.
 * @param {() => Promise<void>} ask
 * @param {(isBusy: boolean) => void} busy
 */
const latestFirst = (ask, busy) => {
  let isAsking = false;
  let isStale = false;
  let isUrgent = false;
  let begun = -PAUSE;
  let took = 0;
  let wake = () => {};
  /** @param {boolean} urgent */
  return async (urgent) => {
    isStale = true;
    isUrgent ||= urgent;
    if (isUrgent) wake();
    if (isAsking) return;
    isAsking = true;
    busy(true);
    while (isStale) {
      const pause = begun + Math.max(PAUSE, 2 * took) - performance.now(); // a busy server is asked less often
      if (pause > 0 && !isUrgent) {
        await new Promise((resolve) => {
          wake = () => resolve(undefined);
          setTimeout(resolve, pause);
        });
        continue;
      }
      isStale = isUrgent = false;
      begun = performance.now();
      await ask();
      took = performance.now() - begun;
    }
    isAsking = false;
    busy(false);
  };
};

/**
 * @param {HTMLElement} element
 * @param {Props} props
 * @param {{ ask: import("./server.js").ServerFunction<Question & { visit: string }, any> }} server
 * @param {import("./start.js").Page} page
 */
export const mount = (element, props, server, { signal }) => {
  const pad = find(element, ".pad", HTMLCanvasElement);
  const width = find(element, ".width input", HTMLInputElement);
  const networks = find(element, ".networks");
  const verdict = find(element, ".verdict");
  const paper = new Paper(pad);
  /** @param {Question} question */
  const questionServer = (question) => answerTo(server.ask, question, "Draw on to ask again.");
  const votes = mountVotes(element, props);
  const laboratory = mountLaboratory(element, props, {
    askStages: async () => {
      if (paper.isBlank) return null;
      const answer = await questionServer({ ...picture(), view: "laboratory" });
      return paper.isBlank ? null : answer;
    },
    changed: () => ask(true),
  });

  /** @returns {Picture} */
  const picture = () => ({ ...paper.question(), lab: laboratory.settings() });
  const link = () => ({ ...paper.link(), ...laboratory.link() });
  const publish = () => set("drawing", paper.isBlank ? null : { asked: picture(), link: link() });

  /** @param {import("./server.js").Answer<Votes>} answer */
  const paintAnswers = (answer) => {
    const text = answer.error ?? answer.verdict ?? "";
    verdict.classList.toggle("error", Boolean(answer.error));
    if (verdict.textContent !== text)
      verdict.textContent = find(element, ".said-again").textContent = text;
    for (const name of [".seen", ".seen-again"])
      paintDigit(
        find(element, name, HTMLCanvasElement),
        answer.seen ? toBytes(answer.seen) : new Uint8Array(784),
      );
    find(element, ".doubt").textContent = answer.doubt ?? "";
    votes.show(answer.digits, answer.percent);
    const readings = [...(answer.own ?? []), ...(answer.further ?? [])];
    find(element, ".own").replaceChildren(...readings.map(paintReading));
    countAnswer(element);
  };
  /** @param {Reading} reading */
  const paintReading = ({ name, words, hue, digit, percent }) => {
    const line = make("li", "", `${words}: reads ${digit}, ${percent} % sure`);
    line.style.borderColor = hue;
    const leave = () => askFurther(further.filter((other) => other !== name));
    if (name) line.append(makeButton("Remove", leave, `Remove: ${words}`));
    return line;
  };

  const askServer = async () => {
    const { content } = paper;
    if (paper.isBlank) return paintAnswers({ verdict: "Draw a digit." });
    /** @type {import("./server.js").Answer<Votes>} */
    const answer = await questionServer({ ...picture(), further });
    paper.answered(content, answer);
    if (!paper.isBlank) paintAnswers(answer);
  };
  const ask = latestFirst(askServer, (isBusy) => {
    networks.setAttribute("aria-busy", String(isBusy));
    if (isBusy) return;
    laboratory.refresh();
    publish();
  });

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
  /** @param {string[]} names */
  const askFurther = (names) => {
    keepFurther(names);
    ask(true);
  };
  fill(others, networkOptions(props.others));
  find(element, ".further").hidden = !props.others.length;
  find(element, ".voters").textContent = props.voters;
  others.addEventListener("change", () => {
    if (others.value) askFurther([...further, others.value]);
    others.value = "";
  });

  const enable = () => {
    for (const name of [".link", ".inside"])
      find(element, name, HTMLButtonElement).disabled = paper.isBlank;
  };
  const show = () => {
    enable();
    paper.paint(); // whole strokes, as a link paints them: where parts overlap their edges are darker
    publish();
    ask(true);
  };
  /** @param {import("./paper.js").Sample} sample */
  const showSample = (sample) => {
    paper.change({ sample, strokes: [] });
    show();
  };

  /** @type {import("./strokes.js").Stroke | null} */
  let stroke = null;
  const pen = {
    /** @param {import("./strokes.js").Point} point */
    begin: (point) => {
      stroke = { width: Number(width.value), points: [point] };
      paper.add(stroke);
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
  };
  mountPointer(pad, pen);
  mountKeyboard(element, pad, pen);

  find(element, ".clear").addEventListener("click", () => {
    if (!paper.isBlank) paper.change({ sample: null, strokes: [] });
    show();
  });
  find(element, ".undo").addEventListener("click", () => {
    paper.undo();
    show();
  });
  const turns = Array(10).fill(0);
  /** @param {number} digit */
  const showDigit = (digit) => showSample({ digit, turn: turns[digit]++ });
  for (let digit = 0; digit < 10; digit++)
    find(element, ".samples").append(
      makeButton(String(digit), () => showDigit(digit), `Show a test digit ${digit}`),
    );
  find(element, ".link").addEventListener("click", () =>
    copyLink("draw", { ...link(), by: votes.factor, further: further.join("|") }),
  );
  find(element, ".inside").addEventListener("click", () => {
    publish();
    set("lookInside", {});
    openTab("Inside");
  });
  watch("own", () => ask(true), signal);
  watch(
    "testImage",
    () => {
      const wanted = get("testImage");
      if (!wanted) return;
      showSample({ image: wanted.index });
      openTab("Draw");
      setTimeout(() => pad.focus()); // when it is visible
    },
    signal,
  );

  const query = linkedDigit();
  const known = new Set(props.others.map(({ name }) => name));
  const asked = (query.get("further") ?? "").split("|").filter((name) => known.has(name));
  keepFurther(asked.slice(0, props.most));
  const image = imageOf(query);
  const strokes = toStrokes(query.get("drawing") ?? "");
  if (image !== null) showSample({ image });
  else if (strokes) {
    paper.change({ sample: null, strokes });
    show();
  } else showDigit(7);
  paper.forget();
};

/**
 * Draws with mouse, finger or stylus.
 * @param {HTMLElement} pad
 * @param {{ begin: (point: import("./strokes.js").Point) => void, extend: (...points: import("./strokes.js").Point[]) => void, end: () => void }} pen
 */
const mountPointer = (pad, pen) => {
  /**
   * @param {PointerEvent} event
   * @returns {import("./strokes.js").Point} whole pixels, as links keep them
   */
  const pointOf = ({ clientX, clientY }) => {
    const box = pad.getBoundingClientRect();
    const [across, down] = [(clientX - box.left) / box.width, (clientY - box.top) / box.height];
    return [Math.round(SIDE * across), Math.round(SIDE * down)];
  };
  let isDrawing = false;
  pad.addEventListener("pointerdown", (event) => {
    if (!event.isPrimary || event.button) return;
    event.preventDefault();
    pad.setPointerCapture(event.pointerId);
    isDrawing = true;
    pen.begin(pointOf(event));
  });
  pad.addEventListener("pointermove", (event) => {
    if (!isDrawing || !event.isPrimary) return;
    const moves = event.getCoalescedEvents?.() ?? [];
    pen.extend(...(moves.length ? moves : [event]).map(pointOf));
  });
  for (const name of /** @type {const} */ (["pointerup", "pointercancel"]))
    pad.addEventListener(name, (event) => {
      if (!isDrawing || !event.isPrimary) return;
      isDrawing = false;
      pen.end();
    });
};
