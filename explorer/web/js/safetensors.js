// Files of safetensors: eight bytes with the header's length, the header as JSON, and the tensors' bytes.

/**
 * @param {Uint8Array} file
 * @returns {(name: string) => Uint8Array} a copy of a tensor's bytes, by its name
 */
export const readSafetensors = (file) => {
  const { buffer, byteOffset } = file;
  const start = 8 + Number(new DataView(buffer, byteOffset).getBigUint64(0, true));
  const header = JSON.parse(new TextDecoder().decode(file.subarray(8, start)));
  return (name) => {
    const [first, last] = header[name].data_offsets;
    return file.slice(start + first, start + last);
  };
};
