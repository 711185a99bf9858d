// Photos go in chunks and go on where the server says that they stopped.
import { asDevice, Refused, WHOLE_SERVER } from "./api.js";
import { finishedPhotos, photoArrived, photoBytes, photos } from "./pictures.js";

const SMALLEST = 64 * 1024;
const LARGEST = 512 * 1024;
const RESTARTS = 3;

let chunk = SMALLEST;

/**
 * Send every photo whose visit is finished; all of them when the phone was signed out. One that the
 * server stumbles over does not hold up the rest. Returns what was wrong with those; raises what
 * concerns all.
 * @param {boolean} leaving @returns {Promise<unknown[]>}
 */
export async function sendPhotos(leaving) {
  const wrong = [];
  const waiting = leaving ? (await photos()).filter((photo) => photo.state === "queued") : await finishedPhotos();
  for (const photo of waiting) {
    try {
      const bytes = await photoBytes(photo.id);
      if (bytes) await sendPhoto(photo, bytes);
    } catch (error) {
      // A photo that the server lost track of (404) is announced anew the next time.
      const aboutIt = error instanceof Damaged || (error instanceof Refused && (error.status === 404 || !WHOLE_SERVER.has(error.status)));
      if (!aboutIt) throw error;
      wrong.push(error);
    }
  }
  return wrong;
}

/** The server says again and again that the photo does not arrive whole. */
class Damaged extends Error {}

/**
 * @param {import("./types.js").Photo} photo @param {ArrayBuffer} bytes as they are to be sent
 * @param {{call?: typeof asDevice, sealed_iv?: string | null}} [how] another way than in the open as this device
 */
export async function sendPhoto({ id, visit, practice, sha256, size, taken_at }, bytes, { call = asDevice, sealed_iv = null } = {}) {
  let answer = await call("POST", "photos/", { json: { id, visit, practice, sha256, size, taken_at, sealed_iv } });
  let restarts = 0;
  while (!answer.done) {
    const { offset } = answer;
    try {
      const part = bytes.slice(offset, offset + chunk);
      answer = await call("PATCH", `photos/${id}/`, { bytes: part, headers: { "Upload-Offset": String(offset) } });
      chunk = Math.min(LARGEST, chunk * 2);
      if (!answer.done && answer.offset <= offset && ++restarts > RESTARTS) throw new Damaged(answer.reason);
    } catch (error) {
      chunk = SMALLEST;
      // The server is elsewhere: an answer was lost on the way. It tells where it is.
      if (!(error instanceof Refused) || error.status !== 409 || ++restarts > RESTARTS) throw error;
      answer = error.data;
    }
  }
  await photoArrived(id, answer.refused ? answer.reason : null);
}
