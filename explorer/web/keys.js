// Drawing without a pointer: on the focused pad the arrow keys move over a grid of 14 x 14 cells, and Space inks one.
const CELLS = 14, CELL = 280 / CELLS;
let cell = null, tracing = null; // the cell under the cursor, and the stroke that grows while Space is held

const middle = ({ x, y }) => [(x + 0.5) * CELL, (y + 0.5) * CELL];
const paintCursor = () => {
  const cursor = find(".cursor");
  cursor.hidden = !cell || document.activeElement !== pad;
  if (!cell) return;
  cursor.style.left = `${(100 * cell.x) / CELLS}%`;
  cursor.style.top = `${(100 * cell.y) / CELLS}%`;
};
const spoken = (words) => (find(".spoken").textContent = words);

const ink = () => {
  if (tracing) {
    tracing.points.push(middle(cell));
    paintStroke(tracing, tracing.points.length - 2);
  } else {
    tracing = { width: Number(find(".width input").value), points: [middle(cell)] };
    change({ sample: null, strokes: [...paper.strokes, tracing] });
    paintPaper();
  }
  ask(true);
};

const MOVES = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1] };
pad.addEventListener("keydown", (event) => {
  const move = MOVES[event.key];
  if (!move && event.key !== " ") return;
  event.preventDefault();
  cell ??= { x: CELLS / 2, y: CELLS / 2 };
  if (move) {
    const inside = (value) => Math.max(0, Math.min(CELLS - 1, value));
    cell = { x: inside(cell.x + move[0]), y: inside(cell.y + move[1]) };
    if (tracing) ink();
  } else if (!event.repeat) ink();
  paintCursor();
  spoken(`row ${cell.y + 1}, column ${cell.x + 1}${tracing ? ", inked" : ""}`);
});
pad.addEventListener("keyup", (event) => {
  if (event.key !== " " || !tracing) return;
  tracing = null;
  show();
});
pad.addEventListener("focus", () => {
  cell ??= { x: CELLS / 2, y: CELLS / 2 };
  paintCursor();
});
pad.addEventListener("blur", () => {
  tracing = null;
  paintCursor();
});
pad.addEventListener("pointerdown", () => {
  cell = null;
  paintCursor();
});
