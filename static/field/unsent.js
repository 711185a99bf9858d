// What is on this phone and not yet with the server, counted.
import { rows } from "./items.js";
import { finishedPhotos } from "./pictures.js";

const WAITING = new Set(["queued", "sending", "rejected"]);

/**
 * `finished`: items to be sent or mended; `drafts`; `photos`: of finished visits; `any`: whether anything
 * at all would be lost with the phone.
 */
export async function unsent() {
  const all = await rows();
  const drafts = new Set(all.filter((row) => row.state === "draft").map((row) => row.id));
  const finished = all.filter((row) => WAITING.has(row.state)).length;
  const pictures = (await finishedPhotos()).length;
  return { finished, drafts: drafts.size, photos: pictures, any: finished + drafts.size + pictures > 0 };
}
