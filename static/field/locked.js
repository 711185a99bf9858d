// A phone that is locked can read neither its secret nor its visits. Signed out by the coordinator (it is
// lost, say), it hands over what it has not sent as it lies there, encrypted: the server has the key.
import { asLocked, device } from "./api.js";
import { base64 } from "./ids.js";
import { rows } from "./items.js";
import { photos, sealedPhoto } from "./pictures.js";
import { sendPhoto } from "./send_photos.js";
import { appVersion } from "./version.js";

const UNSENT = new Set(["draft", "queued", "sending", "rejected"]);
const BATCH = 20;

/** Saves that were handed over: id and revision. @type {Set<string>} */
const handed = new Set();

/**
 * Ask whether this phone was signed out; if so hand over everything. Raises what came in the way: then
 * nothing is wiped. @returns {Promise<"leaving" | "staying">}
 */
export function handOver() {
  return /** @type {Promise<"leaving" | "staying">} */ (/** @type {unknown} */ (navigator.locks.request("hato-sync", ask)));
}

async function ask() {
  const mine = await device();
  if (!mine?.locked_token) return "staying";
  const path = `devices/${mine.id}/locked/`;
  const told = await asLocked("POST", path, { json: {} });
  if (!told.wipe) return "staying";
  const name = (/** @type {import("./items.js").Row} */ row) => `${row.id} ${row.revision}`;
  const waiting = (await rows()).filter((row) => UNSENT.has(row.state) && !handed.has(name(row)));
  for (let at = 0; at < waiting.length; at += BATCH) {
    const batch = waiting.slice(at, at + BATCH);
    const answer = await asLocked("POST", path, { json: { app_version: appVersion(), items: batch.map(asItLies) } });
    // A coordinator may take the sign-out back at any time; then nothing more was taken.
    if (!answer.wipe) return "staying";
    if (answer.items.length !== batch.length) throw new Error("an item came back without a receipt");
    batch.forEach((row) => handed.add(name(row)));
  }
  for (const photo of await photos()) {
    const sealed = photo.state === "queued" ? await sealedPhoto(photo.id) : undefined;
    if (sealed) await sendPhoto(photo, sealed.data, { call: asLocked, sealed_iv: base64(sealed.iv) });
  }
  return (await asLocked("POST", path, { json: {} })).wipe ? "leaving" : "staying";
}

/** @param {import("./items.js").Row} row */
function asItLies({ kind, id, revision, base_version, sealed }) {
  return { kind, id, revision, base_version, iv: base64(sealed.iv), sealed: base64(new Uint8Array(sealed.data)) };
}
