// Which pixels speak for the digit: one question per network, so that it shows how far it is; all on one colour scale.
const FOR = [213, 94, 0], AGAINST = [0, 114, 178]; // the palette's orange and blue
for (const name of ["third", "fourth"]) {
  fill(find(`select.${name}`), [["", "none"]]);
  fill(find(`select.${name}`), trials);
}
fill(find("select.method"), Object.keys(props.methods).map((name) => [name, name]));
fill(find("select.target"), [["", "that it reads"], ...Array.from(Array(10).keys(), (digit) => [digit, digit])]);

// The digit in grey, on it in colour what speaks for and against, full at `most`.
const paintSaliency = (values, most) => {
  const canvas = Object.assign(document.createElement("canvas"), { width: 28, height: 28 });
  const image = new ImageData(28, 28);
  values.forEach((value, place) => {
    const share = Math.min(1, Math.abs(value) / most), hue = value > 0 ? FOR : AGAINST;
    const mixed = hue.map((part) => 255 + share * (part - 255));
    image.data.set([...mixed, 255], 4 * place);
  });
  canvas.getContext("2d").putImageData(image, 0, 0);
  return canvas;
};

let salient = null, explained = 0;
const paintSalient = (answers) => {
  const values = answers.map((answer) => new Float32Array(Uint8Array.from(atob(answer.values), (letter) => letter.charCodeAt(0)).buffer));
  const sorted = values.flatMap((some) => [...some].map(Math.abs)).sort((a, b) => a - b);
  const most = sorted[Math.floor(0.995 * sorted.length)] || 1; // a few pixels shall not pale the others
  const said = answers.map(({ digit, percent }) => `${digit}, ${percent.toFixed(1)} % sure`);
  const figures = answers.map(({ name }, place) => {
    const figure = make("figure", ""), canvas = paintSaliency(values[place], most);
    canvas.setAttribute("role", "img");
    canvas.setAttribute("aria-label", `What speaks for ${said[place]} in ${name}`);
    figure.append(canvas, make("figcaption", "", `${name}\nfor ${said[place]}`));
    return figure;
  });
  find(".salient").replaceChildren(...figures);
  find(".saliency .words").textContent =
    `${value("method")}: ${props.methods[value("method")]}. Orange speaks for the digit, blue against it; one scale, full at ${most.toPrecision(2)}.`;
  const rows = answers.map((answer) => [
    answer.name,
    answer.digit,
    answer.percent.toFixed(2),
    answer.sum.toFixed(3),
    answer.difference === null ? "-" : answer.difference.toFixed(3),
  ]);
  find(".saliency thead").replaceChildren(row("th", ["network", "digit", "sure, %", "sum", "difference of the scores"]));
  find(".saliency tbody").replaceChildren(...rows.map((cells) => row("td", cells)));
  salient = {
    headers: ["row", "column", ...answers.map(({ name, digit }) => `${name}, for ${digit}`)],
    data: Array.from(Array(784).keys(), (place) => [Math.floor(place / 28), place % 28, ...values.map((some) => some[place])]),
  };
  element.dataset.saliency = Number(element.dataset.saliency ?? 0) + 1;
};

const showSaliency = async () => {
  if (!find(".saliency").open || !trials.length) return;
  const mine = ++explained, progress = find(".saliency progress"), answers = [];
  const names = [...new Set(["trial", "other", "third", "fourth"].map(value).filter(Boolean))];
  const target = value("target") === "" ? null : Number(value("target")), asking = subject();
  progress.max = names.length;
  progress.value = 0;
  progress.hidden = false;
  for (const name of names) {
    const answer = asking.error ? asking : await ask({ view: "saliency", trials: [name], method: value("method"), target, ...asking });
    if (mine !== explained) return;
    find(".saliency .error").textContent = answer.error ?? "";
    if (answer.error) break;
    progress.value = answers.push(answer);
  }
  progress.hidden = true;
  if (answers.length === names.length) paintSalient(answers);
};
find(".saliency").addEventListener("toggle", showSaliency);
later.push(showSaliency);
find(".saliency .csv").addEventListener("click", () => salient && explorer.saveCsv("saliency", salient));
