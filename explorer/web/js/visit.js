// The visit: the secret under which the server keeps what this page trained or loaded. It outlives a reload.

const made = [...crypto.getRandomValues(new Uint8Array(16))]
  .map((byte) => byte.toString(16).padStart(2, "0"))
  .join("");

const kept = () => {
  try {
    sessionStorage.visit ??= made;
    return String(sessionStorage.visit);
  } catch {
    return made; // a frame without storage
  }
};

export const visit = kept();
