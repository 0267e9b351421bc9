// One question at a time: the latest wins, and an urgent one does not wait.

const PAUSE = 100; // ms between two questions that are not urgent

/**
 * @param {(isUrgent: boolean) => Promise<void>} ask
 * @param {(isBusy: boolean) => void} busy
 */
export const latestFirst = (ask, busy) => {
  let isAsking = false;
  let isStale = false;
  let isUrgent = false;
  let begun = -PAUSE;
  let took = 0;
  let wake = () => {};
  /** @param {boolean} urgent */
  return async (urgent) => {
    isStale = true;
    isUrgent ||= urgent;
    if (isUrgent) wake();
    if (isAsking) return;
    isAsking = true;
    busy(true);
    while (isStale) {
      const pause = begun + Math.max(PAUSE, 2 * took) - performance.now(); // a busy server is asked less often
      if (pause > 0 && !isUrgent) {
        await new Promise((resolve) => {
          wake = () => resolve(undefined);
          setTimeout(resolve, pause);
        });
        continue;
      }
      const wasUrgent = isUrgent;
      isStale = isUrgent = false;
      begun = performance.now();
      await ask(wasUrgent);
      took = performance.now() - begun;
    }
    isAsking = false;
    busy(false);
  };
};
