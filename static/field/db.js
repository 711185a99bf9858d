// The phone's database. What is personal in it is sealed (vault.js); the rest are states and sizes.
import { openDB } from "../vendor/idb/index.js";

const NAME = "hato-campo";
const VERSION = 1;

/** @type {Promise<import("../vendor/idb/index.js").IDBPDatabase<any>> | null} */
let opened = null;

/**
 * `meta` by name: device, vault, unlocked key, settings. `items` by id: visits, ranchers, boundaries.
 * `photos` by id: what is known of a photo; `blobs` by id: its sealed bytes. `reference` by part: the package.
 */
export function database() {
  opened ??= openDB(NAME, VERSION, {
    upgrade(db) {
      db.createObjectStore("meta");
      db.createObjectStore("items", { keyPath: "id" });
      db.createObjectStore("photos", { keyPath: "id" }).createIndex("visit", "visit");
      db.createObjectStore("blobs");
      db.createObjectStore("reference");
    },
    blocking(_current, _blocked, event) {
      // Another page has a newer version of the database or wipes it: do not stand in its way.
      /** @type {IDBDatabase} */ (event.target).close();
      opened = null;
    },
  });
  return opened;
}

/** @param {string} name */
export async function readMeta(name) {
  return (await database()).get("meta", name);
}

/** Durable when it resolves. @param {string} name @param {any} value */
export async function writeMeta(name, value) {
  const tx = (await database()).transaction("meta", "readwrite", { durability: "strict" });
  await Promise.all([tx.store.put(value, name), tx.done]);
}

/** Forget everything; there is no way back. */
export async function deleteDatabase() {
  (await database()).close();
  opened = null;
  await new Promise((resolve, reject) => {
    const request = indexedDB.deleteDatabase(NAME);
    request.onsuccess = () => resolve(undefined);
    request.onerror = () => reject(request.error);
    request.onblocked = () => undefined; // other pages close theirs (see `blocking`), then it goes on
  });
}
