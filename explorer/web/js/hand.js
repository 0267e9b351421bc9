// The test of the visitor's hand, a mode of Draw: the page asks for digits without showing what is read, then it shows the score.

import { linked } from "./address.js";
import { latestFirst } from "./asking.js";
import { mountResults } from "./hand_results.js";
import { HandTest, kindOf } from "./hand_test.js";
import { HIDDEN, KIND_WORDS, task, waysOn } from "./hand_words.js";
import { find, make, makeButton } from "./nodes.js";
import { makeDigit } from "./paper.js";
import { DIGITS } from "./tally.js";
import { copyLink } from "./views.js";

/** @typedef {import("./hand_test.js").Kind} Kind */
/** @typedef {import("./votes_source.js").Answered} Answered */
/** @typedef {import("./votes_source.js").Poll} Poll */
/** @typedef {"off" | "asking" | "score"} Phase also `data-hand` of the page */
/**
 * The pad, as the test uses it.
 * @typedef {object} Pad
 * @property {Pick<import("./paper.js").Paper, "content" | "isBlank" | "picture">} paper
 * @property {(content: import("./paper.js").Content, isFresh?: boolean) => void} put changes the paper; undo goes not behind a fresh one
 * @property {(picture: import("./votes_source.js").Picture) => Promise<Answered>} ask all networks that are there
 * @property {() => void} changed the test has begun, goes on or is left
 */

/**
 * @param {HTMLElement} element
 * @param {import("./hand_score.js").Voter[]} voters
 * @param {import("./sentences.js").Norms} norms
 * @param {Pad} pad
 * @param {AbortSignal} signal
 */
export const mountHand = (element, voters, norms, { paper, put, ask, changed }, signal) => {
  const canvas = find(element, ".pad");
  const next = find(element, ".next", HTMLButtonElement);
  const back = find(element, ".back", HTMLButtonElement);
  const finish = find(element, ".finish", HTMLButtonElement);
  const meant = find(element, ".meant");
  const complaint = find(element, ".complaint");
  const resume = find(element, ".resume", HTMLButtonElement);
  const results = mountResults(element, voters, norms, {
    show: (strokes) => put({ sample: null, strokes }),
  });
  /** @type {Phase} */
  let phase = "off";
  /** @type {HandTest | null} */
  let test = null;
  /** @type {import("./paper.js").Content | null} what was on the paper before the test */
  let before = null;
  let isKeyed = false; // whether the visitor goes on by key: then the focus follows
  let isReading = false; // while the networks are asked about a digit that is confirmed

  const paint = () => {
    element.dataset.hand = phase;
    find(element, ".frame").setAttribute("aria-busy", String(isReading));
    const isAsking = phase === "asking";
    for (const name of [".task", ".confirm", ".aside"]) find(element, name).hidden = !isAsking;
    find(element, ".score").hidden = phase !== "score";
    resume.hidden = phase !== "off" || !test;
    if (!test) return;
    const { progress, wish } = task(test);
    resume.textContent = test.isFinished ? "Back to the score" : `Go on with the test: ${progress}`;
    if (!isAsking) return;
    find(element, ".progress").textContent = progress;
    find(element, ".wish").textContent = wish;
    find(element, ".ways-on").textContent = waysOn(test);
    find(element, ".task").classList.toggle("free", test.isFree);
    next.hidden = test.isFree;
    meant.hidden = finish.hidden = !test.isFree;
    finish.disabled = !test.drawn.length;
    finish.textContent = `Score of ${test.drawn.length}`;
    const isLast = !test.isFree && test.at === test.asked.length - 1;
    next.textContent = isLast ? "Show the score" : "Next";
    back.disabled = !test.canGoBack || isReading;
    for (const button of [next, ...meant.querySelectorAll("button")])
      button.disabled = paper.isBlank || isReading;
  };
  /** The kind of the test that is open, or null. */
  const shown = () => (phase === "off" ? null : (test?.kind ?? null));
  /** @param {Phase} to */
  const turn = (to) => {
    phase = to;
    complaint.textContent = "";
    paint();
    changed();
  };
  const putDrawn = () => put({ sample: null, strokes: test?.strokes ?? [] }, true);

  const scrollToTask = () => find(element, ".task").scrollIntoView({ block: "nearest" });
  /** Shows the task that is next, or the score. */
  const goOn = () => {
    if (!test) return;
    if (test.isFinished) {
      turn("score");
      results.paint(test);
      find(element, ".score-title").focus({ preventScroll: true });
      find(element, ".score").scrollIntoView({ block: "nearest" });
      renew(true);
      return;
    }
    turn("asking");
    if (isKeyed) canvas.focus();
    paintSoFar(find(element, ".so-far"), test);
    putDrawn();
  };
  /** @param {Kind} kind */
  const start = (kind) => {
    if (phase !== "asking") before ??= paper.content;
    test = new HandTest(kind);
    goOn();
    scrollToTask();
  };
  const leave = () => {
    turn("off");
    element.scrollIntoView({ block: "nearest" });
    if (before) put(before);
    before = null;
    if (isKeyed) canvas.focus();
  };

  /** @param {number | null} label of the digit; null in a free test, where it is not said yet */
  const confirm = async (label) => {
    if (!test || phase !== "asking" || isReading) return;
    const { content } = paper;
    if (paper.isBlank || label === null) {
      const wish = task(test).wish;
      complaint.textContent = paper.isBlank
        ? `The pad is blank: ${wish} first.`
        : "Say which digit you meant.";
      return;
    }
    const picture = paper.picture();
    isReading = true;
    paint();
    const answer = await ask(picture);
    isReading = false;
    paint();
    if (paper.content !== content || phase !== "asking") return; // it was drawn on, or left
    if (!answer.probs) {
      complaint.textContent = answer.error ?? "";
      return;
    }
    const poll = /** @type {Poll} */ (answer);
    test.confirm({ label, strokes: content.strokes, picture, poll });
    goOn();
  };

  const readAgain = async () => {
    const mine = test;
    for (const [place, { picture, poll }] of mine?.drawn.entries() ?? []) {
      if (poll.voters.length === voters.length) continue;
      const answer = await ask(picture);
      if ((answer.voters?.length ?? 0) > poll.voters.length)
        mine?.renew(place, /** @type {Poll} */ (answer));
    }
    if (mine && mine === test && phase === "score") results.paint(mine);
  };
  /** Asks again about digits that fewer networks have read than there are now. */
  const renew = latestFirst(
    async () => {
      if (test?.isFinished) await readAgain();
    },
    () => {},
  );

  next.addEventListener("click", () => confirm(test?.digit ?? null));
  for (let digit = 0; digit < DIGITS; digit++)
    meant.append(makeButton(String(digit), () => confirm(digit), `I meant a ${digit}`));
  back.addEventListener("click", () => {
    test?.back();
    goOn();
  });
  finish.addEventListener("click", () => {
    test?.finish();
    goOn();
  });
  const goBack = () => {
    before = paper.content;
    goOn();
    scrollToTask();
  };
  resume.addEventListener("click", goBack);
  for (const button of element.querySelectorAll(".leave-test"))
    button.addEventListener("click", leave);
  for (const button of element.querySelectorAll(".link-test"))
    button.addEventListener("click", copyLink);
  const starts = find(element, ".starts");
  for (const [kind, words] of Object.entries(KIND_WORDS))
    starts.append(makeButton(words, () => start(/** @type {Kind} */ (kind))));
  find(element, ".tests").hidden = !voters.length;
  find(element, ".why").textContent = HIDDEN;

  document.addEventListener("pointerdown", () => (isKeyed = false), { signal, capture: true });
  document.addEventListener(
    "keydown",
    (event) => {
      const { target, key } = event;
      isKeyed = target !== document.body; // else the digit was drawn with mouse or finger
      if (phase !== "asking" || !element.offsetParent || event.repeat) return;
      if (event.ctrlKey || event.metaKey || event.altKey) return;
      const isUsed =
        target instanceof Element &&
        target.closest("button, a, select, textarea, summary, input:not([type=range])");
      if (isUsed || !test) return;
      if (key === "Enter") confirm(test.digit);
      else if (test.isFree && /^\d$/.test(key)) confirm(Number(key));
    },
    { signal },
  );

  return {
    /** Starts the test that the address names, or leaves the one under way where it names none. Returns whether there is one. */
    restore: () => {
      const kind = voters.length ? kindOf(linked("draw").get("test")) : null;
      if (kind && kind === test?.kind && !shown()) goBack();
      else if (kind && kind !== shown()) start(kind);
      if (!kind && shown()) leave();
      return kind !== null;
    },
    shown,
    /** Notes what is on the paper. A test image or a picture sets the test aside. */
    noted: () => {
      if (phase === "off" || !test) return;
      const { sample, strokes } = paper.content;
      if (sample) {
        before = null;
        return turn("off");
      }
      if (phase === "score") return;
      if (strokes.length) complaint.textContent = "";
      test.keep(strokes);
      paint();
    },
    /** More networks are there. */
    renew: () => renew(true),
  };
};

/**
 * Paints the digits that are confirmed, and free places for the others.
 * @param {HTMLElement} list
 * @param {HandTest} test
 */
const paintSoFar = (list, { asked, at, drawn, isFree }) => {
  const places = isFree ? Math.max(drawn.length, at) + 1 : asked.length;
  list.replaceChildren(
    ...Array.from({ length: places }, (_, place) => {
      const line = make("li", place === at ? "here" : "");
      if (drawn[place]) line.append(makeDigit(drawn[place].poll.seen));
      return line;
    }),
  );
};
