// A phone carries no more about people than its work needs: what the server has had for long goes.
import { database } from "./db.js";
import { changed, inTurn } from "./items.js";

const DAYS_OF_ITEMS = 60; // as long as the package carries one's own visits to be corrected
const DAYS_OF_PICTURES = 14;

/** @param {number} days */
const before = (days) => new Date(Date.now() - days * 86_400_000).toISOString();

/**
 * Remove items that the server took 60 days ago, and the pictures that it has had for 14. Only what is
 * received, whole and with a receipt; whatever waits, is disputed or is a draft stays.
 */
export function forgetOld() {
  return inTurn(async () => {
    const tx = (await database()).transaction(["items", "photos", "blobs"], "readwrite");
    const [items, photos, blobs] = ["items", "photos", "blobs"].map((name) => tx.objectStore(name));
    /** @type {import("./types.js").Photo[]} */
    const pictures = await photos.getAll();
    const unsent = new Set(pictures.filter((photo) => photo.state !== "received").map((photo) => photo.visit));
    for (const photo of pictures) {
      if (photo.state !== "received" || !photo.kept || photo.taken_at > before(DAYS_OF_PICTURES)) continue;
      blobs.delete(photo.id);
      photos.put({ ...photo, kept: false });
    }
    for (const row of /** @type {import("./items.js").Row[]} */ (await items.getAll())) {
      if (row.state !== "received" || unsent.has(row.id) || !row.receipt || row.receipt.at > before(DAYS_OF_ITEMS)) continue;
      items.delete(row.id);
      for (const photo of pictures) if (photo.visit === row.id) (photos.delete(photo.id), blobs.delete(photo.id));
      changed("items", row.id, row.kind);
    }
    await tx.done;
  });
}
