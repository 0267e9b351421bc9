// Which pixels speak for the digit: one question per network, so that it shows how far it is; all on one colour scale.
const FOR = [213, 94, 0], AGAINST = [0, 114, 178]; // the palette's orange and blue
for (const name of ["third", "fourth"]) {
  fill(find(`select.${name}`), [["", "none"]]);
  fill(find(`select.${name}`), trials);
}
fill(find("select.method"), Object.keys(props.methods).map((name) => [name, name]));
fill(find("select.target"), [["", "that it reads"], ...Array.from(Array(10).keys(), (digit) => [digit, digit])]);

const unpacked = (text) => Uint8Array.from(atob(text), (letter) => letter.charCodeAt(0));
// The digit in faint grey, on it in colour what speaks for and against, full at `most`.
const paintSaliency = (values, ink, most) => {
  const canvas = Object.assign(document.createElement("canvas"), { width: 28, height: 28 });
  const image = new ImageData(28, 28);
  values.forEach((value, place) => {
    const share = Math.min(1, Math.abs(value) / most), hue = value > 0 ? FOR : AGAINST, paper = 255 - 0.3 * ink[place];
    const mixed = hue.map((part) => paper + share * (part - paper));
    image.data.set([...mixed, 255], 4 * place);
  });
  canvas.getContext("2d").putImageData(image, 0, 0);
  return canvas;
};
// The colour scale, from against to for; Grad-CAM says only what is for.
const paintBar = (most, both) => {
  const bar = Object.assign(document.createElement("canvas"), { width: 101, height: 1 }), image = new ImageData(101, 1);
  for (let place = 0; place <= 100; place++) {
    const share = both ? place / 50 - 1 : place / 100, hue = share > 0 ? FOR : AGAINST;
    image.data.set([...hue.map((part) => 255 + Math.abs(share) * (part - 255)), 255], 4 * place);
  }
  bar.getContext("2d").putImageData(image, 0, 0);
  bar.setAttribute("role", "img");
  bar.setAttribute("aria-label", "Colour scale");
  find(".bar").replaceChildren(make("span", "", both ? `against ${(-most).toPrecision(2)}` : "0"), bar, make("span", "", `for ${most.toPrecision(2)}`));
};

let salient = null, explained = 0;
const paintSalient = (answers) => {
  const values = answers.map((answer) => new Float32Array(unpacked(answer.values).buffer));
  const sorted = values.flatMap((some) => [...some].map(Math.abs)).sort((a, b) => a - b);
  const most = sorted[Math.floor(0.995 * sorted.length)] || 1; // a few pixels shall not pale the others
  const said = answers.map(({ digit, percent }) => `${digit}, ${percent.toFixed(1)} % sure`);
  const figures = answers.map(({ name }, place) => {
    const figure = make("figure", ""), canvas = paintSaliency(values[place], unpacked(answers[place].seen), most);
    canvas.setAttribute("role", "img");
    canvas.setAttribute("aria-label", `What speaks for ${said[place]} in ${name}`);
    figure.append(canvas, make("figcaption", "", `${name}\nfor ${said[place]}`));
    return figure;
  });
  find(".salient").replaceChildren(...figures);
  const both = answers[0].difference !== null; // integrated gradients, which add up
  paintBar(most, both);
  find(".saliency .words").textContent =
    `${value("method")}: ${props.methods[value("method")]}. Orange speaks for the digit${both ? ", blue against it" : ""}; one scale for all.`;
  find(".adds").hidden = !both;
  const rows = answers.map((answer) => [
    answer.name,
    answer.digit,
    answer.percent.toFixed(2),
    ...(both ? [answer.sum.toFixed(3), answer.difference.toFixed(3)] : []),
  ]);
  const heads = ["network", "digit", "sure, %", ...(both ? ["sum", "difference of the scores"] : [])];
  find(".saliency thead").replaceChildren(row("th", heads));
  find(".saliency tbody").replaceChildren(...rows.map((cells) => row("td", cells)));
  const pixels = {
    headers: ["row", "column", ...answers.map(({ name, digit }) => `${name}, for ${digit}`)],
    data: Array.from(Array(784).keys(), (place) => [Math.floor(place / 28), place % 28, ...values.map((some) => some[place])]),
  };
  salient = { pixels, sums: { headers: heads, data: rows } };
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
