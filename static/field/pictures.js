// Photos on this phone: sealed, hashed, sent apart from their visits.
import { database } from "./db.js";
import { sha256, uuid7 } from "./ids.js";
import { changed, inTurn, rows, somethingWaits } from "./items.js";
import { checkRoomForPhoto, withRoom } from "./room.js";
import { openBytes, sealBytes } from "./vault.js";

/** @typedef {import("./types.js").Photo} Photo */

/**
 * Keep a photo (already scaled; JPEG). Durable when it resolves. Raises Full, Locked.
 * @param {{visit: string, practice: string | null, blob: Blob}} what @returns {Promise<Photo>}
 */
export async function addPhoto({ visit, practice, blob }) {
  await checkRoomForPhoto(blob.size);
  const bytes = await blob.arrayBuffer();
  /** @type {Photo} */
  const photo = {
    id: uuid7(),
    visit,
    practice,
    sha256: await sha256(bytes),
    size: bytes.byteLength,
    taken_at: new Date().toISOString(),
    state: "queued",
    kept: true,
  };
  const sealed = await sealBytes(bytes);
  await withRoom("photo", async () => {
    const tx = (await database()).transaction(["photos", "blobs"], "readwrite", { durability: "strict" });
    tx.objectStore("photos").put(photo).catch(() => undefined);
    tx.objectStore("blobs").put(sealed, photo.id).catch(() => undefined);
    await tx.done;
  });
  changed("photos", photo.id);
  somethingWaits();
  return photo;
}

/** @param {string} visit @returns {Promise<Photo[]>} oldest first */
export async function photosOf(visit) {
  return (await database()).getAllFromIndex("photos", "visit", visit);
}

/** @returns {Promise<Photo[]>} */
export async function photos() {
  return (await database()).getAll("photos");
}

/** Those still to be sent whose visit is no draft any more. @returns {Promise<Photo[]>} */
export async function finishedPhotos() {
  const finished = new Set((await rows()).filter((row) => row.state !== "draft").map((row) => row.id));
  return (await photos()).filter((photo) => photo.state === "queued" && finished.has(photo.visit));
}

/** As it lies on the phone. @param {string} id @returns {Promise<import("./vault.js").Sealed | undefined>} */
export async function sealedPhoto(id) {
  return (await database()).get("blobs", id);
}

/** @param {string} id @returns {Promise<ArrayBuffer | null>} null: no longer on the phone */
export async function photoBytes(id) {
  const sealed = await sealedPhoto(id);
  return sealed ? openBytes(sealed) : null;
}

/** @param {string} id @returns {Promise<Blob | null>} null: no longer on the phone */
export async function photoBlob(id) {
  const bytes = await photoBytes(id);
  return bytes && new Blob([bytes], { type: "image/jpeg" });
}

/** @param {string} id */
export async function removePhoto(id) {
  const tx = (await database()).transaction(["photos", "blobs"], "readwrite", { durability: "strict" });
  tx.objectStore("photos").delete(id);
  tx.objectStore("blobs").delete(id);
  await tx.done;
  changed("photos", id);
}

/**
 * The server has it all, checked by its hash. When it cannot use it, it says why; the picture then
 * stays on the phone.
 * @param {string} id @param {string | null} reason
 */
export function photoArrived(id, reason) {
  return inTurn(async () => {
    const tx = (await database()).transaction("photos", "readwrite", { durability: "strict" });
    const photo = await tx.store.get(id);
    if (photo) tx.store.put(reason === null ? { ...photo, state: "received" } : { ...photo, state: "refused", reason });
    await tx.done;
    changed("photos", id);
  });
}
