// Small charts as SVG: lines over numbers, and histograms. Words are text nodes, colours those of the palette.
const drawn = (tag, attributes, words = "") => {
  const node = document.createElementNS("http://www.w3.org/2000/svg", tag);
  for (const [name, value] of Object.entries(attributes)) node.setAttribute(name, value);
  node.textContent = words;
  return node;
};
const brief = (value) => String(Number(value.toPrecision(2)));
// Ticks that a small range tells apart: 97.6, 97.8, 98.
const apart = (value, range) => String(Number(value.toFixed(Math.max(0, Math.min(6, 1 - Math.floor(Math.log10(range || 1)))))));

// Lines { xs, ys, hue, dash, dots, faint } and bands { xs, lows, highs, hue }; the ticks of x are { at, words }; with `log` the y axis is logarithmic
// and leaves out what is not above 0.
const lineChart = ({ label, lines, bands = [], ticks, y, log = false, low = null, high = null }) => {
  const WIDE = 340, HIGH = 190, LEFT = 52, BELOW = 24, ABOVE = 22;
  const scale = (value) => (log ? Math.log10(value) : value);
  const all = [...lines.map(({ ys }) => ys), ...bands.flatMap(({ lows, highs }) => [lows, highs])].flat().filter((value) => Number.isFinite(scale(value)));
  let from = low ?? Math.min(...(all.length ? all : [0])), to = high ?? Math.max(...(all.length ? all : [1]));
  if (from === to) [from, to] = log ? [from / 2, 2 * to] : [from - 1, to + 1]; // one value, in the middle
  const reach = scale(to) - scale(from) || 1, [first, last] = [ticks[0].at, ticks.at(-1).at];
  const left = (x) => LEFT + ((WIDE - LEFT - 12) * (x - first)) / (last - first || 1);
  const top = (value) => ABOVE + ((HIGH - BELOW - ABOVE) * (scale(to) - scale(value))) / reach;
  const svg = drawn("svg", { viewBox: `0 0 ${WIDE} ${HIGH}`, role: "img", "aria-label": label });
  svg.append(drawn("text", { x: 4, y: 12 }, y));
  for (const value of [from, log ? Math.sqrt(from * to) : (from + to) / 2, to])
    svg.append(
      drawn("path", { d: `M${LEFT} ${top(value)} H${WIDE - 12}` }),
      drawn("text", { x: LEFT - 5, y: top(value) + 4, "text-anchor": "end" }, log ? brief(value) : apart(value, to - from)),
    );
  for (const { at, words } of ticks.filter((tick, place) => ticks.findLastIndex((other) => other.at === tick.at) === place))
    svg.append(drawn("text", { x: left(at), y: HIGH - 6, "text-anchor": at === last ? "end" : "middle" }, words));
  for (const { xs, lows, highs, hue } of bands) {
    const points = [...xs.map((x, at) => [left(x), top(highs[at])]), ...xs.map((x, at) => [left(x), top(lows[at])]).reverse()];
    svg.append(drawn("polygon", { points: points.join(" "), fill: hue }));
    if (xs.length === 1) svg.append(drawn("polyline", { points: points.join(" "), stroke: hue })); // a single band has no width
  }
  for (const { xs, ys, hue, dash = "none", dots = false, faint = false } of lines) {
    const points = xs.flatMap((x, place) => (Number.isFinite(scale(ys[place])) ? [[left(x), top(ys[place])]] : []));
    svg.append(drawn("polyline", { points: points.join(" "), stroke: hue, "stroke-dasharray": dash, "stroke-opacity": faint ? 0.4 : 1 }));
    if (dots || points.length === 1) for (const [cx, cy] of points) svg.append(drawn("circle", { cx, cy, r: 3, fill: hue }));
  }
  return svg;
};

// Counts of equal bins from -edge to edge, an outline per network { counts, hue, dash }; heights are shares of the highest bin.
const histogram = ({ label, edge, outlines }) => {
  const WIDE = 150, HIGH = 92, BELOW = 16;
  const svg = drawn("svg", { viewBox: `0 0 ${WIDE} ${HIGH}`, role: "img", "aria-label": label });
  svg.append(drawn("path", { d: `M0 ${HIGH - BELOW} H${WIDE}` }));
  for (const [x, anchor, words] of [[0, "start", brief(-edge)], [WIDE / 2, "middle", "0"], [WIDE, "end", brief(edge)]])
    svg.append(drawn("text", { x, y: HIGH - 3, "text-anchor": anchor }, words));
  for (const { counts, hue, dash } of outlines) {
    const most = Math.max(...counts), wide = WIDE / counts.length;
    const points = counts.flatMap((count, place) => {
      const y = HIGH - BELOW - ((HIGH - BELOW - 4) * count) / most;
      return [`${place * wide},${y}`, `${(place + 1) * wide},${y}`];
    });
    svg.append(drawn("polyline", { points: points.join(" "), stroke: hue, "stroke-dasharray": dash }));
  }
  return svg;
};

// What tells networks apart where they share a chart: the second is dashed, further lines are dotted.
const DASHES = ["none", "6 4"];
const chartKey = (networks) =>
  networks.map(({ name, hue }, place) => {
    const item = make("span", "key"), line = drawn("svg", { viewBox: "0 0 28 8", "aria-hidden": "true" });
    line.append(drawn("polyline", { points: "0,4 28,4", stroke: hue, "stroke-dasharray": DASHES[place] ?? "2 3" }));
    item.append(line, name);
    return item;
  });
