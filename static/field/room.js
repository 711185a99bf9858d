// Room on the phone: how much is left, making some, and saying so when there is none.
import { database } from "./db.js";

const PHOTO_RESERVE = 15_000_000; // bytes that photos leave to visits

/** The phone is full: nothing saved is lost, but this was not saved. */
export class Full extends Error {
  /** @param {"photo" | "item"} what */
  constructor(what) {
    super(`no room for a ${what}`);
    this.what = what;
  }
}

/** @returns {Promise<{used: number, left: number, full: boolean, persisted: boolean}>} bytes; full: photos are refused */
export async function room() {
  const { usage = 0, quota = 0 } = await navigator.storage.estimate();
  const left = Math.max(0, quota - usage);
  return { used: usage, left, full: left < PHOTO_RESERVE, persisted: await navigator.storage.persisted() };
}

/** Ask the browser never to clear this site by itself. */
export async function askToPersist() {
  return (await navigator.storage.persisted()) || navigator.storage.persist();
}

/** Photos are the first to be refused: they leave a reserve to visits. @param {number} size */
export async function checkRoomForPhoto(size) {
  if ((await room()).left >= size + PHOTO_RESERVE) return;
  await dropArrivedPictures();
  if ((await room()).left < size + PHOTO_RESERVE) throw new Full("photo");
}

/** Remove the pictures that the server has; what is known of them stays. @returns {Promise<number>} how many */
export async function dropArrivedPictures() {
  const db = await database();
  const tx = db.transaction(["photos", "blobs"], "readwrite");
  const arrived = (await tx.objectStore("photos").getAll()).filter((photo) => photo.state === "received" && photo.kept);
  for (const photo of arrived) {
    tx.objectStore("photos").put({ ...photo, kept: false });
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
    await dropArrivedPictures().catch(() => 0); // even this writes; when it cannot, say what matters
    try {
      return await write();
    } catch (again) {
      throw isQuota(again) ? new Full(what) : again;
    }
  }
}

/** @param {unknown} error */
function isQuota(error) {
  return error instanceof DOMException && (error.name === "QuotaExceededError" || error.name === "AbortError" || error.name === "UnknownError");
}
