// What this browser keeps of visits, in IndexedDB: networks and drawings. Where it is full or forbidden, nothing fails but the keeping.

const MOST = 20; // visits that are not open
const DAYS = 30; // after which a visit that keeps nothing new is forgotten
const NAME = "explorer";

/** @typedef {"visits" | "networks" | "drawings"} Store */

/** @type {Promise<IDBDatabase> | null} */
let opening = null;

/** @returns {Promise<IDBDatabase>} */
const open = () =>
  (opening ??= new Promise((resolve, reject) => {
    const request = indexedDB.open(NAME, 1);
    request.onupgradeneeded = () => {
      request.result.createObjectStore("visits", { keyPath: "visit" });
      request.result.createObjectStore("networks", { keyPath: ["visit", "name"] });
      request.result.createObjectStore("drawings", { keyPath: "visit" });
    };
    request.onsuccess = () => resolve(request.result);
    request.onerror = () => reject(request.error);
  }));

/**
 * Runs a transaction; resolves to the result of the request that `act` returns once all is written.
 * @param {Store[]} stores
 * @param {IDBTransactionMode} mode
 * @param {(transaction: IDBTransaction) => IDBRequest} act
 * @returns {Promise<any>}
 */
const run = async (stores, mode, act) => {
  const database = await open();
  return new Promise((resolve, reject) => {
    const transaction = database.transaction(stores, mode);
    const request = act(transaction);
    transaction.oncomplete = () => resolve(request.result);
    transaction.onabort = () => reject(transaction.error); // as where the disk is full
  });
};

/** @param {string} visit */
const ofVisit = (visit) => IDBKeyRange.bound([visit], [visit, []]);

/**
 * Keeps a record of a visit. Resolves to whether it is kept.
 * @param {Exclude<Store, "visits">} store
 * @param {{ visit: string, [key: string]: unknown }} record
 */
export const put = async (store, record) => {
  try {
    await run(["visits", store], "readwrite", (transaction) => {
      transaction.objectStore("visits").put({ visit: record.visit, at: Date.now() });
      return transaction.objectStore(store).put(record);
    });
    return true;
  } catch {
    return false;
  }
};

/**
 * @param {string} visit
 * @param {string} name
 */
export const removeNetwork = (visit, name) =>
  run(["networks"], "readwrite", (transaction) =>
    transaction.objectStore("networks").delete([visit, name]),
  ).catch(() => {});

/**
 * Records of the networks of a visit; undefined where nothing can be read.
 * @param {string} visit
 * @returns {Promise<any[] | undefined>}
 */
export const readNetworks = (visit) =>
  run(["networks"], "readonly", (transaction) =>
    transaction.objectStore("networks").getAll(ofVisit(visit)),
  ).catch(() => undefined);

/**
 * The drawing of a visit, as text; empty where none is kept.
 * @param {string} visit
 * @returns {Promise<string>}
 */
export const readDrawing = async (visit) => {
  const record = await run(["drawings"], "readonly", (transaction) =>
    transaction.objectStore("drawings").get(visit),
  ).catch(() => undefined);
  return record?.text ?? "";
};

/**
 * Forgets old visits, but for those that are open: nobody takes leave, tabs are just closed.
 * @param {(visit: string) => string} lockOf name of the lock that the page of a visit holds
 */
export const forgetOld = async (lockOf) => {
  try {
    const locks = await navigator.locks?.query();
    const open = new Set(locks?.held?.map(({ name }) => name));
    /** @type {{ visit: string, at: number }[]} */
    const visits = await run(["visits"], "readonly", (transaction) =>
      transaction.objectStore("visits").getAll(),
    );
    const since = Date.now() - DAYS * 24 * 3600 * 1000;
    const old = visits
      .filter((one) => !open.has(lockOf(one.visit)))
      .sort((a, b) => b.at - a.at)
      .filter(({ at }, index) => index >= MOST || at < since);
    for (const one of old)
      await run(["visits", "networks", "drawings"], "readwrite", (transaction) => {
        transaction.objectStore("networks").delete(ofVisit(one.visit));
        transaction.objectStore("drawings").delete(one.visit);
        return transaction.objectStore("visits").delete(one.visit);
      });
  } catch {
    // Nothing can be read: nothing is kept either.
  }
};
