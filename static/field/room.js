// Room on the phone: how much is left, making some, and saying so when there is none.
// What the browser tells of the room left is a guess (Chromium always says ten gigabytes), so visits
// have a reserve of their own: a file of noise that is given up when a visit finds no room. Photos
// never get it; they are the first to be refused.
import { database } from "./db.js";

const RESERVE = 3_000_000; // bytes: about a thousand visits
const RESERVE_FILE = "reserve";
const PHOTO_MARGIN = 15_000_000; // bytes that photos leave free where the browser tells the truth
const MARK = "hato-full";

/** The phone is full: nothing saved is lost, but this was not saved. */
export class Full extends Error {
  /** @param {"photo" | "item"} what */
  constructor(what) {
    super(`no room for a ${what}`);
    this.what = what;
  }
}

/** @param {boolean} full what the screens say until there is room again; the service worker has no such place */
function mark(full) {
  if (typeof localStorage === "undefined") return;
  if (full) localStorage.setItem(MARK, "1");
  else localStorage.removeItem(MARK);
}

/** @returns {Promise<{used: number, left: number, full: boolean, persisted: boolean}>} bytes; full: photos are refused */
export async function room() {
  const { usage = 0, quota = 0 } = await navigator.storage.estimate();
  const left = Math.max(0, quota - usage);
  const full = left < PHOTO_MARGIN || localStorage.getItem(MARK) !== null;
  return { used: usage, left, full, persisted: await navigator.storage.persisted() };
}

/** Ask the browser never to clear this site by itself. */
export async function askToPersist() {
  return (await navigator.storage.persisted()) || navigator.storage.persist();
}

/** Put the reserve of visits aside, if it is not there; a full or old browser goes without. */
export async function keepReserve() {
  try {
    const folder = await navigator.storage.getDirectory();
    const file = await folder.getFileHandle(RESERVE_FILE, { create: true });
    if ((await file.getFile()).size >= RESERVE) return;
    const writing = await file.createWritable();
    const noise = crypto.getRandomValues(new Uint8Array(50_000)); // zeros might be kept in no room at all
    await writing.write(new Blob(Array(RESERVE / noise.length).fill(noise)));
    await writing.close();
    mark(false);
  } catch {
    // The next start tries again.
  }
}

/** A visit finds no room, or the phone is wiped. */
export async function giveUpReserve() {
  try {
    await (await navigator.storage.getDirectory()).removeEntry(RESERVE_FILE);
  } catch {
    // There is none left.
  }
}

/** Raises Full where the browser says that a photo would leave too little to visits. @param {number} size */
export async function checkRoomForPhoto(size) {
  const left = async () => {
    const { usage = 0, quota = 0 } = await navigator.storage.estimate();
    return quota - usage - size;
  };
  if ((await left()) >= PHOTO_MARGIN) return;
  await dropArrivedPictures();
  if ((await left()) < PHOTO_MARGIN) throw new Full("photo");
}

/** Remove the pictures that the server has; what is known of them stays. @returns {Promise<number>} how many */
export async function dropArrivedPictures() {
  const db = await database();
  const tx = db.transaction(["photos", "blobs"], "readwrite");
  const arrived = (await tx.objectStore("photos").getAll()).filter((/** @type {import("./types.js").Photo} */ photo) => photo.state === "received" && photo.kept);
  for (const photo of arrived) {
    tx.objectStore("photos").put({ ...photo, kept: false }).catch(() => undefined); // the transaction's own end tells
    tx.objectStore("blobs").delete(photo.id);
  }
  await tx.done;
  return arrived.length;
}

/**
 * Do a write; when the phone is full make room and try once more. Raises Full.
 * @template T @param {"photo" | "item"} what @param {() => Promise<T>} write @returns {Promise<T>}
 */
export async function withRoom(what, write) {
  try {
    return await write();
  } catch (error) {
    if (!isQuota(error)) throw error;
    mark(true);
    await dropArrivedPictures().catch(() => 0); // even this writes; when it cannot, say what matters
    if (what === "item") await giveUpReserve();
    try {
      return await write();
    } catch (again) {
      throw isQuota(again) ? new Full(what) : again;
    }
  }
}

/** @param {unknown} error */
function isQuota(error) {
  return error instanceof DOMException && ["QuotaExceededError", "AbortError", "UnknownError"].includes(error.name);
}
