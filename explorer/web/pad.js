// The drawing pad: draws strokes, asks `server.ask` while the pen moves, hands what comes back to votes.js.
const SIDE = 112; // pixels a side of what is sent
const PAUSE = 100; // ms between two questions while the pen is down
const pad = find(".pad"), pen = pad.getContext("2d");
const small = document.createElement("canvas");
small.width = small.height = SIDE;
const shrunk = small.getContext("2d", { willReadFrequently: true });
shrunk.imageSmoothingQuality = "high";

// What is on the paper: a test digit, { digit, turn, pixels } or { image, pixels }, or strokes { width, points }; each change makes a new one.
let paper = { sample: null, strokes: [] };
const past = [];
const isBlank = () => !paper.sample && !paper.strokes.length;
const change = (next) => {
  past.push(paper);
  if (past.length > 200) past.shift();
  paper = next;
};

const paintPixels = (canvas, pixels) => {
  const context = canvas.getContext("2d"), image = context.createImageData(28, 28);
  for (let i = 0; i < 784; i++) image.data.set([pixels[i], pixels[i], pixels[i], 255], 4 * i);
  context.putImageData(image, 0, 0);
};

const paintPaper = () => {
  for (const button of [find(".link"), find(".inside")]) button.disabled = isBlank();
  pen.fillStyle = "#000";
  pen.fillRect(0, 0, 280, 280);
  if (paper.sample?.pixels) {
    const digit = document.createElement("canvas");
    digit.width = digit.height = 28;
    paintPixels(digit, paper.sample.pixels);
    pen.drawImage(digit, 0, 0, 280, 280);
  }
  for (const stroke of paper.strokes) paintStroke(stroke, 0);
};

const paintStroke = ({ width, points }, from) => {
  pen.strokeStyle = "#fff";
  pen.lineWidth = width;
  pen.lineCap = pen.lineJoin = "round";
  pen.beginPath();
  pen.moveTo(...points[from]);
  for (const point of points.slice(from)) pen.lineTo(point[0] + 0.01, point[1]);
  pen.stroke();
};

const say = (words, isError = false) => {
  const verdict = find(".verdict");
  verdict.classList.toggle("error", isError);
  if (verdict.textContent !== words) verdict.textContent = find(".said-again").textContent = words;
};

const paintAnswers = (answer) => {
  say(answer.error ?? answer.verdict, Boolean(answer.error));
  for (const seen of [find(".seen"), find(".seen-again")])
    paintPixels(seen, answer.seen ? bytesOf(answer.seen) : new Uint8Array(784));
  find(".doubt").textContent = answer.doubt ?? "";
  votes.show(answer.digits, answer.percent);
  find(".own").replaceChildren(
    ...[...(answer.own ?? []), ...(answer.further ?? [])].map(({ name, words, hue, digit, percent }) => {
      const line = make("li", "", `${words}: reads ${digit}, ${percent} % sure`);
      line.style.borderColor = hue;
      if (name) line.append(leave(name, words));
      return line;
    }),
  );
  element.dataset.answers = Number(element.dataset.answers ?? 0) + 1;
};

// Networks that do not vote are asked when they are chosen.
let further = [];
const leave = (name, words) => {
  const button = make("button", "", "Remove");
  button.type = "button";
  button.setAttribute("aria-label", `Remove: ${words}`);
  button.addEventListener("click", () => askFurther(further.filter((each) => each !== name)));
  return button;
};
const keepFurther = (names) => {
  further = names;
  for (const option of find(".further select").options) option.disabled = further.includes(option.value);
  find(".further select").disabled = further.length >= props.most;
};
const askFurther = (names) => {
  keepFurther(names);
  ask(true);
};
fill(find(".further select"), networkOptions(props.others));
find(".voters").textContent = props.voters;
find(".further").hidden = !props.others.length;
find(".further").addEventListener("change", ({ target }) => {
  if (target.value) askFurther([...further, target.value]);
  target.value = "";
});

const bytesOf = (text) => Uint8Array.from(atob(text), (letter) => letter.charCodeAt(0));

const question = () => {
  const lab = laboratory.settings();
  if (paper.sample) {
    const { digit, turn, image } = paper.sample;
    return image === undefined ? { digit, turn, lab } : { image, lab };
  }
  shrunk.drawImage(pad, 0, 0, SIDE, SIDE);
  const { data } = shrunk.getImageData(0, 0, SIDE, SIDE);
  let letters = "";
  for (let i = 0; i < data.length; i += 4) letters += String.fromCharCode(data[i]);
  return { pixels: btoa(letters), lab };
};

// One question at a time; the latest paper wins; a lifted pen does not wait.
let asking = false, waiting = false, hurry = false, asked = -PAUSE, took = 0, wake = () => {};
const ask = async (urgent) => {
  waiting = true;
  hurry ||= urgent;
  if (hurry) wake();
  if (asking) return;
  asking = true;
  find(".networks").setAttribute("aria-busy", "true");
  while (waiting) {
    const pause = asked + Math.max(PAUSE, 2 * took) - performance.now(); // a busy server is asked less often
    if (pause > 0 && !hurry) {
      await new Promise((resolve) => {
        wake = resolve;
        setTimeout(resolve, pause);
      });
      continue;
    }
    waiting = hurry = false;
    if (isBlank()) {
      paintAnswers({ verdict: "Draw a digit." });
      continue;
    }
    asked = performance.now();
    const of = paper;
    let answer;
    try {
      answer = await server.ask({ ...question(), further, visit: explorer.visit });
    } catch {} // Gradio swallows most failures itself and answers undefined
    took = performance.now() - asked;
    answer ??= { error: "The explorer does not answer. Draw on to ask again." };
    if (of.sample && answer.sample) {
      of.sample.pixels = bytesOf(answer.sample);
      of.sample.index = answer.index;
    }
    if (of.sample && of === paper) paintPaper();
    if (!isBlank()) paintAnswers(answer);
  }
  asking = false;
  find(".networks").setAttribute("aria-busy", "false");
  laboratory.refresh();
  window.dispatchEvent(new CustomEvent("drawn"));
};

const place = (event) => {
  const box = pad.getBoundingClientRect();
  const across = (event.clientX - box.left) / box.width, down = (event.clientY - box.top) / box.height;
  return [Math.round(280 * across), Math.round(280 * down)]; // whole pixels, as links keep them
};

let stroke = null;
pad.addEventListener("pointerdown", (event) => {
  if (!event.isPrimary || event.button) return;
  event.preventDefault();
  pad.setPointerCapture(event.pointerId);
  stroke = { width: Number(find(".width input").value), points: [place(event)] };
  change({ sample: null, strokes: [...paper.strokes, stroke] });
  paintPaper();
  ask(false);
});
pad.addEventListener("pointermove", (event) => {
  if (!stroke || !event.isPrimary) return;
  const from = stroke.points.length - 1;
  const moves = event.getCoalescedEvents?.() ?? [];
  stroke.points.push(...(moves.length ? moves : [event]).map(place));
  paintStroke(stroke, from);
  ask(false);
});
for (const name of ["pointerup", "pointercancel"])
  pad.addEventListener(name, (event) => {
    if (!stroke || !event.isPrimary) return;
    stroke = null;
    show(); // whole strokes, as a link paints them: where parts overlap their edges are darker
  });

const show = () => {
  paintPaper();
  ask(true);
};
find(".clear").addEventListener("click", () => {
  if (!isBlank()) change({ sample: null, strokes: [] });
  show();
});
find(".undo").addEventListener("click", () => {
  paper = past.pop() ?? paper;
  show();
});
const turns = Array(10).fill(0);
const showSample = (digit) => {
  change({ sample: { digit, turn: turns[digit]++ }, strokes: [] });
  show();
};
for (let digit = 0; digit < 10; digit++) {
  const button = make("button", "", String(digit));
  button.type = "button";
  button.setAttribute("aria-label", `Show a test digit ${digit}`);
  button.addEventListener("click", () => showSample(digit));
  find(".samples").append(button);
}
window.addEventListener("own-networks", () => ask(true));
// Another tab sends an image of the test set.
window.addEventListener("draw-image", ({ detail }) => {
  change({ sample: { image: detail }, strokes: [] });
  show();
  explorer.openTab("Draw");
  setTimeout(() => pad.focus()); // when it is visible
});
// A link holds a test image's number, or the strokes: of each its width, then its points, two base-36 digits a number.
const LINKED = /^([0-9a-z]{2}([0-9a-z]{4})+)(~[0-9a-z]{2}([0-9a-z]{4})+)*$/, LONGEST = 6000; // letters
const numbers = (text) => text.match(/../g).map((pair) => parseInt(pair, 36));
const written = (values) => values.map((value) => Math.round(Math.max(0, Math.min(280, value))).toString(36).padStart(2, "0")).join("");
const ofStrokes = (strokes, apart) =>
  strokes.map(({ width, points }) => {
    let last = points[0];
    const kept = points.filter((point, place) => {
      const far = !place || Math.hypot(point[0] - last[0], point[1] - last[1]) >= apart;
      if (far) last = point;
      return far || place === points.length - 1;
    });
    return written([width, ...kept.flat()]);
  }).join("~");
const strokesOf = (text) =>
  text.split("~").map((part) => {
    const [width, ...flat] = numbers(part);
    return { width, points: Array.from({ length: flat.length / 2 }, (_, place) => flat.slice(2 * place, 2 * place + 2)) };
  });
const view = () => {
  if (paper.sample) return { image: paper.sample.index };
  const drawing = [0, 2, 4, 8, 16].map((apart) => ofStrokes(paper.strokes, apart)).find((text) => text.length <= LONGEST);
  return { drawing };
};
find(".link").addEventListener("click", () => explorer.copyLink("draw", { ...view(), by: votes.factor, further: further.join("|"), ...laboratory.link }));

// What is on the paper, for other tabs: the question about it, and what a link to it holds.
explorer.drawn = () => {
  if (isBlank()) return null;
  return { asked: question(), link: { ...view(), ...laboratory.link } };
};
find(".inside").addEventListener("click", () => {
  explorer.looking = true; // for a tab that was not opened yet
  window.dispatchEvent(new CustomEvent("look-inside"));
  explorer.openTab("Inside");
});

const linked = new URLSearchParams(location.search), here = ["draw", "inside"].includes(linked.get("tab") ?? "draw");
const known = new Set(props.others.map(({ name }) => name));
if (here) keepFurther((linked.get("further") ?? "").split("|").filter((name) => known.has(name)).slice(0, props.most));
const image = linked.get("image") ?? "", drawing = linked.get("drawing") ?? "";
if (here && /^\d{1,4}$/.test(image)) {
  change({ sample: { image: Number(image) }, strokes: [] });
  show();
} else if (here && drawing.length <= LONGEST && LINKED.test(drawing)) {
  change({ sample: null, strokes: strokesOf(drawing) });
  show();
} else showSample(7);
past.length = 0;
