// Photos go in chunks and go on where the server says that they stopped.
import { asDevice, Refused } from "./api.js";
import { rows } from "./items.js";
import { photoArrived, photoBytes, photos } from "./pictures.js";

const SMALLEST = 64 * 1024;
const LARGEST = 512 * 1024;

let chunk = SMALLEST;

/** Send every photo whose visit is finished; all of them when the phone was signed out. @param {boolean} leaving */
export async function sendPhotos(leaving) {
  const drafts = new Set((await rows()).filter((row) => row.state === "draft").map((row) => row.id));
  const known = new Set((await rows()).map((row) => row.id));
  for (const photo of await photos()) {
    if (photo.state !== "queued") continue;
    if (!leaving && (drafts.has(photo.visit) || !known.has(photo.visit))) continue;
    await sendPhoto(photo);
  }
}

/** @param {import("./types.js").Photo} photo */
async function sendPhoto({ id, visit, practice, sha256, size, taken_at }) {
  const bytes = await photoBytes(id);
  if (!bytes) return;
  let { offset, done } = await asDevice("POST", "photos/", { json: { id, visit, practice, sha256, size, taken_at } });
  let restarts = 0;
  while (!done) {
    const part = bytes.slice(offset, offset + chunk);
    try {
      const answer = await asDevice("PATCH", `photos/${id}/`, { bytes: part, headers: { "Upload-Offset": String(offset) } });
      if (answer.offset <= offset && !answer.done && ++restarts > 3) throw new Error(answer.reason ?? "the photo does not arrive whole");
      ({ offset, done } = answer);
      chunk = Math.min(LARGEST, chunk * 2);
    } catch (error) {
      chunk = SMALLEST;
      // The server is elsewhere: an answer was lost on the way. It tells where it is.
      if (!(error instanceof Refused) || error.status !== 409 || ++restarts > 3) throw error;
      ({ offset, done } = error.data);
    }
  }
  await photoArrived(id);
}
