// What this tab of the browser keeps for a reload. Without storage, in a private window or a frame, nothing is kept.

/**
 * Returns whether it is kept.
 * @param {string} key
 * @param {string} value
 */
export const keep = (key, value) => {
  try {
    sessionStorage.setItem(key, value);
    return true;
  } catch {
    return false;
  }
};

/**
 * Empty where nothing is kept.
 * @param {string} key
 */
export const kept = (key) => {
  try {
    return sessionStorage.getItem(key) ?? "";
  } catch {
    return "";
  }
};
