// Picture files as the server takes them: as they are, or shrunk by the browser; and a sentence on each that cannot be taken.

/** @typedef {{ uri: number, least: number, most: number }} Limits letters of a data URI; pixels of the longer side */
/** @typedef {{ kind: string, width?: number, height?: number, isDeep?: boolean, isAnimated?: boolean, hasExif?: boolean }} Header what the bytes of a file say without being decoded */

const MAX_FILE = 30; // MB
const MAX_PIXELS = 100; // millions
const LONGEST = 1024; // pixels of the longer side after shrinking
const QUALITIES = [0.95, 0.9, 0.8, 0.65, 0.5, 0.3]; // of JPEG, tried in turn
const SIDES = [LONGEST, 724, 512, 362, 256, 181, 128]; // of transparent pictures, which JPEG cannot keep
const SENT = ["PNG", "JPEG"]; // formats that the server reads

/** @type {[kind: string, offset: number, letters: string][]} */
const SIGNATURES = [
  ["PNG", 0, "\x89PNG\r\n\x1a\n"],
  ["JPEG", 0, "\xff\xd8\xff"],
  ["GIF", 0, "GIF8"],
  ["WebP", 8, "WEBP"],
  ["PDF", 0, "%PDF"],
  ["AVIF", 4, "ftypavi"],
  ["HEIC", 4, "ftyphe"],
  ["HEIC", 4, "ftypmif1"],
  ["HEIC", 4, "ftypmsf1"],
  ["TIFF", 0, "II*\0"],
  ["TIFF", 0, "MM\0*"],
];

/**
 * @param {Uint8Array} bytes
 * @param {number} start
 * @param {number} length
 */
const lettersOf = (bytes, start, length) =>
  String.fromCharCode(...bytes.subarray(start, start + length));

/**
 * @param {Uint8Array} bytes of a file
 * @returns {Header}
 */
export const inspect = (bytes) => {
  const [kind] = SIGNATURES.find(
    ([, offset, letters]) => lettersOf(bytes, offset, letters.length) === letters,
  ) ?? [""];
  if (kind === "PNG") return inspectPng(bytes);
  if (kind === "GIF") return { kind, isAnimated: countFrames(bytes) > 1 };
  if (kind === "WebP")
    return { kind, isAnimated: lettersOf(bytes, 12, 4) === "VP8X" && (bytes[20] & 2) > 0 };
  return { kind, hasExif: kind === "JPEG" && hasExif(bytes) };
};

/**
 * Whether a JPEG has a segment APP1, EXIF or XMP, before its pixels.
 * @param {Uint8Array} bytes
 */
const hasExif = (bytes) => {
  let at = 2;
  while (bytes[at] === 0xff && bytes[at + 1] !== 0xda && at + 4 <= bytes.length) {
    if (bytes[at + 1] === 0xe1) return true;
    at += 2 + 256 * bytes[at + 2] + bytes[at + 3];
  }
  return false;
};

/** @param {Uint8Array} bytes */
const inspectPng = (bytes) => {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const header = { kind: "PNG", isAnimated: false, hasExif: false };
  if (bytes.length < 33) return header;
  for (let at = 8; at + 8 <= bytes.length; at += 12 + view.getUint32(at)) {
    const name = lettersOf(bytes, at + 4, 4);
    header.isAnimated ||= name === "acTL";
    header.hasExif ||= name === "eXIf";
  }
  const [width, height] = [view.getUint32(16), view.getUint32(20)];
  return { ...header, width, height, isDeep: bytes[24] === 16 };
};

/**
 * Frames of a GIF, by its blocks; a palette has 2 to 256 colours of 3 bytes.
 * @param {Uint8Array} bytes
 */
const countFrames = (bytes) => {
  const palette = (/** @type {number} */ flags) => (flags & 128 ? 3 << ((flags & 7) + 1) : 0);
  let at = 13 + palette(bytes[10]);
  let count = 0;
  while (bytes[at] === 0x21 || bytes[at] === 0x2c) {
    const isFrame = bytes[at] === 0x2c;
    if (isFrame) count++;
    at += isFrame ? 11 + palette(bytes[at + 9]) : 2;
    while (bytes[at]) at += bytes[at] + 1;
    at++;
  }
  return count;
};

/** @param {number} bytes */
const megabytes = (bytes) => `${(bytes / 1e6).toFixed(1)} MB`;

/**
 * A sentence on a file that cannot be taken, as far as its bytes tell; undefined for another.
 * @param {string} name
 * @param {number} size bytes
 * @param {Header} header
 * @param {Limits} limits
 */
export const refusal = (name, size, header, limits) => {
  const { kind, width = limits.least, height = limits.least, isAnimated, isDeep } = header;
  const choose = `Choose a PNG or JPEG of at most ${MAX_FILE} MB.`;
  if (!size) return `${name} is empty. ${choose}`;
  if (size > MAX_FILE * 1e6)
    return `${name} takes ${megabytes(size)}; a picture may take at most ${MAX_FILE} MB.`;
  if (kind === "PDF") return `${name} is a PDF and no picture: take a screenshot of it. ${choose}`;
  if (isAnimated) return `${name} is animated: choose a picture with a single frame.`;
  if (width * height > MAX_PIXELS * 1e6)
    return `${name} is ${width} x ${height} pixels; at most ${MAX_PIXELS} million are read.`;
  if (Math.max(width, height) < limits.least)
    return `${name} is ${width} x ${height} pixels; the longer side must have at least ${limits.least}.`;
  if (isDeep && !fits(size, limits))
    return `${name} has 16 bits a value, which browsers cannot shrink: such a PNG may take at most ${fitting(limits)} kB.`;
  return undefined;
};

/**
 * @param {string} name
 * @param {string} kind
 */
const unreadable = (name, kind) => {
  if (SENT.includes(kind))
    return `${name} is damaged: it does not open as the ${kind} it begins as.`;
  const what = kind
    ? `a ${kind} picture, which this browser cannot open`
    : "not a picture that this browser can open";
  return `${name} is ${what}. Choose a PNG or JPEG of at most ${MAX_FILE} MB.`;
};

/**
 * Whether a file of that many bytes fits, written as a data URI.
 * @param {number} size
 * @param {Limits} limits
 */
const fits = (size, limits) => size <= 1000 * fitting(limits);

/** @param {Limits} limits */
const fitting = ({ uri }) => Math.floor((0.75 * (uri - 100)) / 1000); // kB

/**
 * The one picture among files, as a data URI of at most `limits.uri` letters, or a sentence.
 * A file that fits stays as it is: a canvas would lose the lower half of 16 bits. EXIF data may hold a place, and are not sent.
 * @param {File[]} files
 * @param {Limits} limits
 * @returns {Promise<{ uri: string, error?: undefined } | { uri?: undefined, error: string }>}
 */
export const toUri = async (files, limits) => {
  if (files.length !== 1)
    return { error: `Choose one picture at a time; ${files.length} files came.` };
  const [file] = files;
  const name = file.name || "The picture";
  const bytes =
    file.size > MAX_FILE * 1e6 ? new Uint8Array() : new Uint8Array(await file.arrayBuffer());
  const header = inspect(bytes);
  const refused = refusal(name, file.size, header, limits);
  if (refused) return { error: refused };
  const type = SENT.includes(header.kind) ? `image/${header.kind.toLowerCase()}` : file.type;
  const blob = new Blob([bytes], { type });
  const bitmap = await createImageBitmap(blob, { imageOrientation: "from-image" }).catch(
    () => null,
  );
  if (!bitmap) return { error: unreadable(name, header.kind) };
  const { width, height } = bitmap;
  const misfit = refusal(name, file.size, { ...header, width, height }, limits);
  if (misfit) return { error: misfit };
  const isKept =
    SENT.includes(header.kind) &&
    fits(file.size, limits) &&
    Math.max(width, height) <= limits.most &&
    (header.isDeep || !header.hasExif);
  return { uri: await written(isKept ? blob : await shrunk(bitmap, limits)) };
};

/**
 * A picture as PNG where that fits, else as JPEG, or smaller where it is transparent.
 * @param {ImageBitmap} bitmap
 * @param {Limits} limits
 */
const shrunk = async (bitmap, limits) => {
  const canvas = painted(bitmap, LONGEST);
  const first = await encoded(canvas, "image/png");
  if (fits(first.size, limits)) return first;
  if (isTransparent(canvas)) {
    for (const side of SIDES) {
      const png = await encoded(painted(bitmap, side), "image/png");
      if (fits(png.size, limits)) return png;
    }
  }
  let last = first;
  for (const quality of QUALITIES) {
    last = await encoded(canvas, "image/jpeg", quality);
    if (fits(last.size, limits)) break;
  }
  return last;
};

/**
 * @param {ImageBitmap} bitmap
 * @param {number} longest
 */
const painted = (bitmap, longest) => {
  const scale = Math.min(1, longest / Math.max(bitmap.width, bitmap.height));
  const canvas = document.createElement("canvas");
  canvas.width = Math.max(1, Math.round(scale * bitmap.width));
  canvas.height = Math.max(1, Math.round(scale * bitmap.height));
  const context = contextOf(canvas);
  context.imageSmoothingQuality = "high";
  context.drawImage(bitmap, 0, 0, canvas.width, canvas.height);
  return canvas;
};

/** @param {HTMLCanvasElement} canvas */
const contextOf = (canvas) => /** @type {CanvasRenderingContext2D} */ (canvas.getContext("2d"));

/** @param {HTMLCanvasElement} canvas */
const isTransparent = (canvas) => {
  const { data } = contextOf(canvas).getImageData(0, 0, canvas.width, canvas.height);
  for (let at = 3; at < data.length; at += 4) if (data[at] < 255) return true;
  return false;
};

/**
 * @param {HTMLCanvasElement} canvas
 * @param {string} type
 * @param {number} [quality]
 * @returns {Promise<Blob>}
 */
const encoded = (canvas, type, quality) =>
  new Promise((resolve) => canvas.toBlob((blob) => resolve(blob ?? new Blob()), type, quality));

/**
 * @param {Blob} blob
 * @returns {Promise<string>} a data URI
 */
const written = (blob) =>
  new Promise((resolve) => {
    const reader = new FileReader();
    reader.addEventListener("load", () => resolve(String(reader.result)));
    reader.readAsDataURL(blob);
  });
