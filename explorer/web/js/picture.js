// What is on the page as a file: charts as SVG or PNG by serialising them, other views as PNG by the browser's own `foreignObject`.

import { say } from "./buttons.js";
import { save } from "./files.js";

/** @typedef {"svg" | "png"} Format */
/** @typedef {{ x: number, y: number, width: number, height: number }} Box */

const SCALE = 2; // pixels of a PNG for each of the page
const SVG = "http://www.w3.org/2000/svg";
const CHART_STYLES = ["fill", "stroke", "stroke-width", "stroke-dasharray", "opacity", "font-size"];

/**
 * The size of the box around nodes, and a function that moves a box on the page into it.
 * @param {Element[]} nodes
 * @param {number} margin
 */
const frame = (nodes, margin) => {
  const all = nodes.flatMap((node) => [node, ...node.querySelectorAll("*")]); // some reach beyond their parent
  const boxes = all.map((node) => node.getBoundingClientRect()).filter(({ width }) => width);
  const left = Math.min(...boxes.map((box) => box.left)) - margin;
  const top = Math.min(...boxes.map((box) => box.top)) - margin;
  const right = Math.max(...boxes.map((box) => box.right)) + margin;
  const bottom = Math.max(...boxes.map((box) => box.bottom)) + margin;
  return {
    size: { width: Math.ceil(right - left), height: Math.ceil(bottom - top) },
    /** @param {Box} box */
    inside: ({ x, y, width, height }) => ({ x: x - left, y: y - top, width, height }),
  };
};

/**
 * @param {string} tag
 * @param {Record<string, string | number>} attributes
 * @param {(Node | string)[]} children
 */
const svgNode = (tag, attributes, ...children) => {
  const node = document.createElementNS(SVG, tag);
  for (const [name, value] of Object.entries(attributes)) node.setAttribute(name, String(value));
  node.append(...children);
  return node;
};

/**
 * A picture of that size on the page's colour, as the text of an SVG file.
 * @param {{ width: number, height: number }} size
 * @param {Node[]} children
 */
const svgText = (size, children) => {
  const fill = getComputedStyle(document.body).backgroundColor;
  const paper = svgNode("rect", { width: "100%", height: "100%", fill });
  const viewBox = `0 0 ${size.width} ${size.height}`;
  const font = { "font-family": "system-ui, sans-serif" };
  const svg = svgNode("svg", { ...size, viewBox, ...font }, paper, ...children);
  return new XMLSerializer().serializeToString(svg);
};

/**
 * @param {string} name
 * @param {string} svg
 * @param {{ width: number, height: number }} size
 */
const savePng = async (name, svg, size) => {
  const image = new Image();
  // Not a blob: with a blob URL a `foreignObject` would forbid reading the canvas.
  image.src = `data:image/svg+xml;charset=utf-8,${encodeURIComponent(svg)}`;
  const canvas = document.createElement("canvas");
  canvas.width = SCALE * size.width;
  canvas.height = SCALE * size.height;
  try {
    await image.decode();
    canvas.getContext("2d")?.drawImage(image, 0, 0, canvas.width, canvas.height);
    const blob = await new Promise((resolve) => canvas.toBlob(resolve));
    if (!blob) throw new Error("The canvas gives no picture.");
    save(`${name}.png`, blob);
  } catch (error) {
    console.warn(error);
    say("This browser cannot save it");
  }
};

/**
 * @param {string} name
 * @param {Format} format
 * @param {{ width: number, height: number }} size
 * @param {Node[]} children
 */
const saveAs = (name, format, size, children) => {
  const svg = svgText(size, children);
  if (format === "png") return savePng(name, svg, size);
  save(`${name}.svg`, new Blob([svg], { type: "image/svg+xml" }));
};

/**
 * A chart with the colours and sizes that the page's styles give it.
 * @param {SVGSVGElement} chart
 * @param {Box} box
 */
const styledChart = (chart, box) => {
  const copy = /** @type {SVGSVGElement} */ (chart.cloneNode(true));
  const nodes = chart.querySelectorAll("*");
  copy.querySelectorAll("*").forEach((node, index) => {
    const style = getComputedStyle(nodes[index]);
    for (const name of CHART_STYLES) node.setAttribute(name, style.getPropertyValue(name));
  });
  for (const [name, value] of Object.entries(box)) copy.setAttribute(name, String(value));
  return copy;
};

/**
 * Every word of a text where it stands: lines break as on the page.
 * @param {Text} text
 * @param {(box: Box) => Box} inside
 */
const wordsOf = (text, inside) => {
  const style = getComputedStyle(/** @type {Element} */ (text.parentElement));
  const size = parseFloat(style.fontSize);
  return [...text.data.matchAll(/\S+/g)].map(({ index, 0: word }) => {
    const range = document.createRange();
    range.setStart(text, index);
    range.setEnd(text, index + word.length);
    const { x, y, height } = inside(range.getBoundingClientRect());
    const font = { "font-size": size, "font-weight": style.fontWeight, fill: style.color };
    return svgNode("text", { x, y: y + height / 2 + 0.35 * size, ...font }, word);
  });
};

/**
 * Saves the charts in some nodes, and the words beside them.
 * @param {string} name of the file, without its ending
 * @param {Format} format
 * @param {Element[]} nodes
 */
export const saveCharts = async (name, format, nodes) => {
  const { size, inside } = frame(nodes, 16);
  const children = nodes.flatMap((root) => {
    const charts = [...root.querySelectorAll("svg")];
    const texts = document.createTreeWalker(root, NodeFilter.SHOW_TEXT, (node) =>
      node.parentElement?.closest("svg") ? NodeFilter.FILTER_REJECT : NodeFilter.FILTER_ACCEPT,
    );
    /** @type {Node[]} */
    const parts = charts.map((chart) => styledChart(chart, inside(chart.getBoundingClientRect())));
    while (texts.nextNode())
      parts.push(...wordsOf(/** @type {Text} */ (texts.currentNode), inside));
    return parts;
  });
  await saveAs(name, format, size, children);
};

/** Properties that a copy is drawn with: no logical or prefixed ones, beside which a physical one stands. */
const DRAWN =
  /^(align|appearance|background|border|bottom|box|clip|color|column|display|fill|flex|font|gap|grid|height|image|justify|left|letter|line|list|margin|max|min|object|opacity|order|outline|padding|position|right|row|stroke|table|text|top|transform|vertical|visibility|white|width|word)(?!.*-(inline|block)(-|$))/;

/**
 * A copy of a node, in a box of its size, with the styles that the page gives it and pictures in the place of canvases.
 * @param {Element} root
 */
const styledCopy = (root) => {
  const box = document.createElement("div");
  box.append(root.cloneNode(true));
  const copies = box.querySelectorAll("*");
  const names = [...getComputedStyle(root)].filter((name) => DRAWN.test(name));
  [root, ...root.querySelectorAll("*")].forEach((node, index) => {
    const style = getComputedStyle(node);
    const styles = names.map((name) => `${name}:${style.getPropertyValue(name)}`);
    if (node === root) styles.push("margin:0");
    copies[index].setAttribute("style", [...styles, "overflow:visible"].join(";"));
    if (!(node instanceof HTMLCanvasElement)) return;
    const image = document.createElement("img");
    image.src = node.toDataURL();
    image.setAttribute("style", copies[index].getAttribute("style") ?? "");
    copies[index].replaceWith(image);
  });
  return box;
};

/**
 * Saves nodes as they stand on the page as PNG.
 * @param {string} name of the file, without its ending
 * @param {Element[]} nodes
 */
export const saveView = async (name, nodes) => {
  const { size, inside } = frame(nodes, 16);
  const children = nodes.map((node) => {
    const place = inside(node.getBoundingClientRect());
    return svgNode("foreignObject", { ...place, overflow: "visible" }, styledCopy(node));
  });
  await saveAs(name, "png", size, children);
};
