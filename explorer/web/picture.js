// What is on the page as a file: plots as they stand, zoomed and toggled, and parts of a page drawn again as SVG; PNG is made of that.
(() => {
  const RASTER = 2; // pixels of the PNG for each of the page
  const escape = (text) => text.replace(/[&<>"]/g, (letter) => `&#${letter.charCodeAt(0)};`);
  const visible = (color) => !/^rgba\(.*, 0\)$|\/ 0\)$/.test(color);

  const save = async (name, format, { width, height, body }) => {
    const paper = getComputedStyle(document.body).backgroundColor;
    const svg =
      `<svg xmlns="http://www.w3.org/2000/svg" width="${width}" height="${height}" viewBox="0 0 ${width} ${height}" ` +
      `font-family="system-ui, sans-serif"><rect width="100%" height="100%" fill="${paper}"/>${body}</svg>`;
    const file = new Blob([svg], { type: "image/svg+xml" });
    if (format === "svg") return explorer.save(`${name}.svg`, file);
    const image = new Image(), canvas = document.createElement("canvas");
    image.src = URL.createObjectURL(file);
    await image.decode();
    canvas.width = RASTER * width;
    canvas.height = RASTER * height;
    canvas.getContext("2d").drawImage(image, 0, 0, canvas.width, canvas.height);
    URL.revokeObjectURL(image.src);
    canvas.toBlob((blob) => explorer.save(`${name}.png`, blob));
  };

  // Every word where it stands, as SVG: lines break as on the page.
  const words = (node, style, at) =>
    [...node.data.matchAll(/\S+/g)].map((word) => {
      const range = document.createRange(), size = parseFloat(style.fontSize);
      range.setStart(node, word.index);
      range.setEnd(node, word.index + word[0].length);
      const { x, y, height } = at(range.getBoundingClientRect());
      return (
        `<text x="${x}" y="${y + height / 2 + 0.35 * size}" font-size="${size}" font-weight="${style.fontWeight}" ` +
        `fill="${style.color}">${escape(word[0])}</text>`
      );
    });

  const shape = (style, { x, y, width, height }) => {
    const fill = visible(style.backgroundColor) ? style.backgroundColor : "none";
    const line = parseFloat(style.borderTopWidth) && visible(style.borderTopColor) ? style.borderTopColor : "none";
    if (fill === "none" && line === "none") return "";
    const paint = `fill="${fill}" stroke="${line}" stroke-width="${parseFloat(style.borderTopWidth)}" opacity="${style.opacity}"`;
    if (style.transform !== "none") {
      const [middle, centre] = [x + width / 2, y + height / 2]; // turned by 45 degrees: a diamond
      return `<path d="M${middle} ${y} L${x + width} ${centre} L${middle} ${y + height} L${x} ${centre} Z" ${paint}/>`;
    }
    const round = style.borderRadius.endsWith("%") ? width / 2 : parseFloat(style.borderRadius);
    return `<rect x="${x}" y="${y}" width="${width}" height="${height}" rx="${round}" ${paint}/>`;
  };

  const image = (href, { x, y, width, height }, sprite = { left: 0, width }) =>
    `<svg x="${x}" y="${y}" width="${width}" height="${height}"><image href="${href}" x="${sprite.left}" width="${sprite.width}" ` +
    `height="${height}" image-rendering="pixelated" style="image-rendering: pixelated"/></svg>`;

  // A chart with the colours and sizes that the page's styles give it.
  const chart = (svg, { x, y, width, height }) => {
    const copy = svg.cloneNode(true), nodes = [...svg.querySelectorAll("*")];
    [...copy.querySelectorAll("*")].forEach((node, place) => {
      const style = getComputedStyle(nodes[place]);
      for (const name of ["fill", "stroke", "stroke-width", "opacity"]) node.setAttribute(name, style.getPropertyValue(name));
      if (node.tagName === "text") node.setAttribute("font-size", style.fontSize);
    });
    for (const [name, value] of Object.entries({ x, y, width, height })) copy.setAttribute(name, value);
    return new XMLSerializer().serializeToString(copy);
  };

  // The place of nodes in a picture of them all, and its size.
  const frame = (nodes, margin) => {
    const boxes = nodes.map((node) => node.getBoundingClientRect());
    const [left, top] = ["left", "top"].map((side) => Math.min(...boxes.map((box) => box[side])) - margin);
    const [right, bottom] = ["right", "bottom"].map((side) => Math.max(...boxes.map((box) => box[side])) + margin);
    return {
      at: ({ x, y, width, height }) => ({ x: x - left, y: y - top, width, height }),
      size: { width: Math.ceil(right - left), height: Math.ceil(bottom - top) },
    };
  };

  // The nodes and all that is visible in them, as SVG.
  const drawn = async (nodes) => {
    const { at, size } = frame(nodes, 16);
    const parts = [];
    for (const root of nodes) {
      const walker = document.createTreeWalker(root, NodeFilter.SHOW_ELEMENT | NodeFilter.SHOW_TEXT);
      for (let node = root; node; node = walker.nextNode()) {
        const text = node.nodeType === Node.TEXT_NODE, element = text ? node.parentElement : node;
        if (!element.checkVisibility()) continue;
        const style = getComputedStyle(element);
        if (text) {
          if (!element.closest("svg")) parts.push(...words(node, style, at));
          continue;
        }
        if (element.closest("svg") !== element && element.closest("svg")) continue;
        const box = at(element.getBoundingClientRect());
        if (element instanceof SVGSVGElement) {
          parts.push(chart(element, box));
          continue;
        }
        if (element instanceof HTMLCanvasElement) {
          parts.push(image(element.toDataURL(), box));
          continue;
        }
        parts.push(shape(style, box));
        const [, href] = style.backgroundImage.match(/^url\("(.*)"\)$/) ?? [];
        if (!href) continue;
        const sprite = Object.assign(new Image(), { src: href });
        await sprite.decode();
        const width = (sprite.naturalWidth * box.height) / sprite.naturalHeight;
        parts.push(image(href, box, { left: parseFloat(style.backgroundPositionX), width }));
      }
    }
    return { ...size, body: parts.join("") };
  };

  // Plots as they stand beside each other, in the page's colours.
  const plotted = async (plots) => {
    const { at, size } = frame(plots, 8), { color } = getComputedStyle(document.body);
    let body = "";
    for (const plot of plots) {
      const { x, y, width, height } = at(plot.getBoundingClientRect());
      const layout = { ...plot.layout, font: { ...plot.layout.font, color } };
      const svg = await Plotly.toImage({ data: plot.data, layout }, { format: "svg", imageDataOnly: true, width, height });
      body += svg.replace("<svg", `<svg x="${x}" y="${y}"`);
    }
    return { ...size, body };
  };

  Object.assign(explorer, {
    savePlots: async (ids, format) => {
      const plots = ids.map((id) => document.querySelector(`#${id} .js-plotly-plot`)).filter(Boolean);
      if (plots.length) await save(ids[0], format, await plotted(plots));
    },
    saveView: async (name, format, nodes) => save(name, format, await drawn(nodes)),
  });
})();
