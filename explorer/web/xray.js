// The X-ray of a norm: of every channel what comes in with this digit, beside what the norm takes it by, and what goes out.
const WHEN = { before: ["mean", "var", "before the norm"], after: ["mean after", "var after", "after it"] };

// One block of one network: a line per channel from mean - deviation to mean + deviation, a dot at the mean.
const xrayChart = ({ label, rows, when, low, high }) => {
  const WIDE = 300, HIGH = 104, LEFT = 40, BELOW = 14, ABOVE = 6;
  const y = (value) => ABOVE + ((HIGH - BELOW - ABOVE) * (high - value)) / (high - low || 1);
  const step = (WIDE - LEFT - 8) / rows.length, [mean, variance] = WHEN[when];
  const svg = drawn("svg", { viewBox: `0 0 ${WIDE} ${HIGH}`, role: "img", "aria-label": label });
  for (const value of [low, 0, high])
    svg.append(
      drawn("path", { d: `M${LEFT} ${y(value)} H${WIDE}` }),
      drawn("text", { x: LEFT - 4, y: y(value) + 4, "text-anchor": "end" }, brief(value)),
    );
  rows.forEach((row, place) => {
    const x = LEFT + step * (place + 0.5), bar = (middle, width, extra) => {
      const away = Math.sqrt(row[middle.replace("mean", "var")]);
      return drawn("line", { x1: x, x2: x, y1: y(row[middle] - away), y2: y(row[middle] + away), "stroke-width": width, ...extra });
    };
    if (when === "before")
      svg.append(
        bar("taken mean", Math.min(12, step - 2), { class: "taken" }),
        drawn("path", { class: "batch", d: `M${x - 5} ${y(row["batch mean"])} h10` }),
      );
    svg.append(bar(mean, 2, { class: "own" }), drawn("circle", { class: "own", cx: x, cy: y(row[mean]), r: 2.5 }));
    if (place % 2 === 0) svg.append(drawn("text", { x, y: HIGH - 2, "text-anchor": "middle" }, row.channel));
  });
  return svg;
};

// From the table of the numbers below, a title per network; blocks share their scale over the networks shown.
const paintXray = (place, titles, { headers, data }) => {
  const rows = data.map((cells) => Object.fromEntries(cells.map((cell, column) => [headers[column], cell])));
  const names = [...new Set(rows.map(({ network }) => network))], blocks = [...new Set(rows.map(({ block }) => block))];
  const sides = names.map((name, which) => {
    const side = make("section", "xrayed");
    side.append(make("h3", "", titles[which]));
    for (const block of blocks)
      for (const when of Object.keys(WHEN)) {
        const all = rows.filter((row) => row.block === block), means = when === "before" ? ["mean", "taken mean", "batch mean"] : ["mean after"];
        const ends = (sign) => all.flatMap((row) => means.map((mean) => row[mean] + sign * Math.sqrt(row[mean.replace("mean", "var")])));
        const low = Math.min(0, ...ends(-1)), high = Math.max(0, ...ends(1)), figure = make("figure", "ray");
        const label = `Block ${block}, ${WHEN[when][2]}`;
        figure.append(
          xrayChart({ label: `${label}: mean and deviation of every channel`, rows: all.filter(({ network }) => network === name), when, low, high }),
          make("figcaption", "", label),
        );
        side.append(figure);
      }
    return side;
  });
  place.replaceChildren(...sides);
};
