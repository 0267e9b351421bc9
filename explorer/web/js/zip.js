// Zip archives (APPNOTE 6.3): written with stored entries, read with stored and deflated ones.

/** @typedef {{ name: string, bytes: Uint8Array<ArrayBuffer> }} Entry */
/** @typedef {{ name: string, read: (most: number) => Promise<Uint8Array<ArrayBuffer>> }} Packed `read` unpacks; throws `Damaged` or `TooLarge` */

/** Bytes that are no archive, or cut off. */
export class Damaged extends Error {}
/** More bytes than may be unpacked. */
export class TooLarge extends Error {}

const LOCAL = 0x04034b50;
const CENTRAL = 0x02014b50;
const END = 0x06054b50;
const END_SIZE = 22;
const LONGEST_COMMENT = 65535;
const VERSION = 20; // that unpacks the archive: 2.0
const DATE = 0x21; // 1 January 1980, the first that there is: the same digits are the same file
const IS_UTF8 = 0x800;
const IS_ENCRYPTED = 1;
const STORED = 0;
const DEFLATED = 8;

const TABLE = Uint32Array.from({ length: 256 }, (_, byte) => {
  let crc = byte;
  for (let bit = 0; bit < 8; bit++) crc = crc & 1 ? (crc >>> 1) ^ 0xedb88320 : crc >>> 1;
  return crc;
});

/** @param {Uint8Array} bytes */
export const crc32 = (bytes) => {
  let crc = 0xffffffff;
  for (let at = 0; at < bytes.length; at++) crc = TABLE[(crc ^ bytes[at]) & 255] ^ (crc >>> 8);
  return ~crc >>> 0;
};

/**
 * Little-endian numbers as bytes.
 * @param {[bytes: 2 | 4, value: number][]} fields
 */
const packed = (fields) => {
  const view = new DataView(new ArrayBuffer(fields.reduce((sum, [size]) => sum + size, 0)));
  let at = 0;
  for (const [size, value] of fields) {
    if (size === 2) view.setUint16(at, value, true);
    else view.setUint32(at, value, true);
    at += size;
  }
  return new Uint8Array(view.buffer);
};

/**
 * An archive whose entries are stored as they are.
 * @param {Entry[]} entries
 */
export const zipOf = (entries) => {
  /** @type {Uint8Array<ArrayBuffer>[]} */
  const parts = [];
  /** @type {Uint8Array<ArrayBuffer>[]} */
  const directory = [];
  let offset = 0;
  for (const { name, bytes } of entries) {
    const text = new TextEncoder().encode(name);
    /** @type {[2 | 4, number][]} the fields that both headers of an entry have */
    const common = [
      [2, VERSION],
      [2, IS_UTF8],
      [2, STORED],
      [2, 0], // time
      [2, DATE],
      [4, crc32(bytes)],
      [4, bytes.length],
      [4, bytes.length],
      [2, text.length],
      [2, 0], // extra field
    ];
    const local = packed([[4, LOCAL], ...common]);
    parts.push(local, text, bytes);
    directory.push(
      // comment, disk, attributes inside and outside of the archive
      packed([[4, CENTRAL], [2, VERSION], ...common, [2, 0], [2, 0], [2, 0], [4, 0], [4, offset]]),
      text,
    );
    offset += local.length + text.length + bytes.length;
  }
  const size = directory.reduce((sum, part) => sum + part.length, 0);
  const count = entries.length;
  const end = packed([
    [4, END],
    [2, 0],
    [2, 0],
    [2, count],
    [2, count],
    [4, size],
    [4, offset],
    [2, 0],
  ]);
  return new Blob([...parts, ...directory, end], { type: "application/zip" });
};

/**
 * Entries of an archive. Throws `Damaged`.
 * @param {Uint8Array<ArrayBuffer>} archive
 * @returns {Packed[]}
 */
export const entriesOf = (archive) => {
  const view = new DataView(archive.buffer, archive.byteOffset, archive.byteLength);
  const end = endOf(view);
  const count = view.getUint16(end + 10, true);
  let at = view.getUint32(end + 16, true);
  return within(() =>
    Array.from({ length: count }, () => {
      if (view.getUint32(at, true) !== CENTRAL) throw new Damaged();
      const [name, extra, comment] = [28, 30, 32].map((field) => view.getUint16(at + field, true));
      const entry = entryAt(archive, view, at, name);
      at += 46 + name + extra + comment;
      return entry;
    }),
  );
};

/** @param {DataView} view */
const endOf = (view) => {
  const last = view.byteLength - END_SIZE;
  for (let at = last; at >= Math.max(0, last - LONGEST_COMMENT); at--)
    if (view.getUint32(at, true) === END) return at;
  throw new Damaged();
};

/**
 * Result of `act`; reading past the end of the archive is damage.
 * @template T
 * @param {() => T} act
 */
const within = (act) => {
  try {
    return act();
  } catch (error) {
    throw error instanceof RangeError ? new Damaged() : error;
  }
};

/**
 * @param {Uint8Array<ArrayBuffer>} archive
 * @param {DataView} view
 * @param {number} at of the entry in the central directory
 * @param {number} length of its name
 * @returns {Packed}
 */
const entryAt = (archive, view, at, length) => {
  const [flags, method] = [8, 10].map((field) => view.getUint16(at + field, true));
  const [crc, size, unpacked, start] = [16, 20, 24, 42].map((field) =>
    view.getUint32(at + field, true),
  );
  const read = async (/** @type {number} */ most) => {
    const isKnown = method === STORED || method === DEFLATED;
    if (flags & IS_ENCRYPTED || !isKnown) throw new Damaged();
    if (unpacked > most) throw new TooLarge();
    const from = within(() => {
      if (view.getUint32(start, true) !== LOCAL) throw new Damaged();
      return start + 30 + view.getUint16(start + 26, true) + view.getUint16(start + 28, true);
    });
    if (from + size > archive.length) throw new Damaged();
    const bytes = archive.subarray(from, from + size);
    const plain = method === STORED ? bytes : await unpack(bytes, "deflate-raw", most);
    if (plain.length !== unpacked || crc32(plain) !== crc) throw new Damaged();
    return plain;
  };
  const name = new TextDecoder().decode(archive.subarray(at + 46, at + 46 + length));
  return { name, read };
};

/**
 * Unpacked bytes, at most `most`. Throws `Damaged` or `TooLarge`.
 * @param {Uint8Array<ArrayBuffer>} bytes
 * @param {CompressionFormat} format
 * @param {number} most
 */
export const unpack = async (bytes, format, most) => {
  const reader = new Blob([bytes])
    .stream()
    .pipeThrough(new DecompressionStream(format))
    .getReader();
  /** @type {Uint8Array[]} */
  const parts = [];
  let size = 0;
  for (;;) {
    const { done, value } = await reader.read().catch(() => {
      throw new Damaged();
    });
    if (done) break;
    parts.push(value);
    size += value.length;
    if (size <= most) continue;
    await reader.cancel();
    throw new TooLarge();
  }
  const whole = new Uint8Array(size);
  let at = 0;
  for (const part of parts) {
    whole.set(part, at);
    at += part.length;
  }
  return whole;
};
