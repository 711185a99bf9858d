// What the engine sends and fetches, and what it does with each answer. Nothing here needs a page: it
// runs in the service worker too, when signal comes back with the app closed (background.js).
// Nothing is dropped, whatever is answered: an item leaves the queue only with a receipt, a photo only
// when the server has checked its hash.
import { asDevice, device, Refused, Unreachable, WHOLE_SERVER } from "./api.js";
import { readMeta } from "./db.js";
import { forgetOld } from "./forget.js";
import { localIso } from "./ids.js";
import { envelope, items, move, settle } from "./items.js";
import { applyPackage, packageState } from "./reference.js";
import { sendPhotos } from "./send_photos.js";
import { appVersion } from "./version.js";

const BATCH = 50;
const BATCH_BYTES = 1_000_000;
const PACKAGE_EVERY_MS = 15 * 60_000;
const SCHEMA = 1;

let batchSize = BATCH;

/**
 * One round: items, photos, then the package. Returns "leaving" when the phone was signed out and has
 * handed over everything, else "done". Raises what stopped it; what was not sent stays.
 * @param {boolean} fresh the package too, however new it is @returns {Promise<"done" | "leaving">}
 */
export function round(fresh) {
  const work = async () => {
    for (;;) {
      const leaving = Boolean(await readMeta("signed_out"));
      const wrong = [...(await sendItems(leaving)), ...(await sendPhotos(leaving))];
      const toldNow = Boolean(await readMeta("signed_out"));
      if (toldNow && leaving && !wrong.length) return "leaving";
      if (toldNow && !leaving) continue; // it was said just now: drafts go too
      try {
        if (!leaving) await fetchPackage(fresh);
      } catch (error) {
        if (error instanceof Refused && error.data?.wipe && !leaving) continue;
        throw error;
      }
      for (const error of wrong) throw error; // tried again later, when all the rest is done
      return "done";
    }
  };
  return /** @type {Promise<"done" | "leaving">} */ (/** @type {unknown} */ (navigator.locks.request("hato-sync", work)));
}

/**
 * Send what waits. A phone that was signed out sends its drafts too. Returns what was wrong with items
 * that the server stumbled over; raises what concerns all.
 * @param {boolean} leaving @returns {Promise<unknown[]>}
 */
async function sendItems(leaving) {
  const mine = await device();
  if (!mine) return [];
  await returnToQueue();
  /** @type {Map<string, unknown>} what the server stumbles over must not hold up the rest */
  const passedOver = new Map();
  for (;;) {
    const waiting = (await items()).filter((one) => !passedOver.has(one.id) && (one.state === "queued" || (leaving && ["draft", "rejected"].includes(one.state) && !heard.has(one.id))));
    if (!waiting.length) break;
    const batch = [];
    let bytes = 0;
    for (const one of waiting.slice(0, batchSize)) {
      const sealed = await envelope(one, mine.id);
      bytes += sealed.body.length;
      if (batch.length && bytes > BATCH_BYTES) break;
      batch.push({ one, sealed });
    }
    await sendBatch(mine.id, batch, waiting.length, passedOver);
  }
  return [...passedOver.values()];
}

/** Items that a signed-out phone has handed over, whatever the outcome. @type {Set<string>} */
const heard = new Set();

/** @param {string} id @param {{one: import("./types.js").Item, sealed: {kind: string, body: string, sha256: string}}[]} batch @param {number} waiting @param {Map<string, unknown>} passedOver */
async function sendBatch(id, batch, waiting, passedOver) {
  const ids = batch.map(({ one }) => one.id);
  await move(ids, "queued", "sending");
  let answer;
  try {
    const json = { device: id, app_version: appVersion(), sent_at: localIso(), waiting: waiting - batch.length, items: batch.map(({ sealed }) => sealed) };
    answer = await asDevice("POST", "sync/", { json });
  } catch (error) {
    await move(ids, "sending", "queued");
    batchSize = Math.ceil(batch.length / 2); // on a bad line less gets through
    if (!(error instanceof Refused) || WHOLE_SERVER.has(error.status)) throw error;
    // The answer is about this batch: halve it until the one it is about is alone, and go on without it.
    if (batch.length === 1) passedOver.set(ids[0], error);
    return;
  }
  batchSize = Math.min(BATCH, batchSize * 2);
  const byHash = new Map((answer.items ?? []).map((/** @type {any} */ one) => [one.sha256, one]));
  for (const { one, sealed } of batch) {
    const told = byHash.get(sealed.sha256);
    if (!told?.number) continue; // no receipt: it stays in the queue
    const receipt = { number: told.number, outcome: told.outcome, version: told.version ?? null, at: new Date().toISOString() };
    await settle(one.id, one.revision, receipt, told.reasons ?? []);
    heard.add(one.id);
  }
  const missing = batch.filter(({ sealed }) => !byHash.get(sealed.sha256)?.number);
  if (missing.length) {
    await move(missing.map(({ one }) => one.id), "sending", "queued");
    throw new Unreachable("an item came back without a receipt");
  }
}

/** What an earlier page was sending when it was closed waits again. */
async function returnToQueue() {
  const stuck = (await items({ state: "sending" })).map((one) => one.id);
  if (stuck.length) await move(stuck, "sending", "queued");
}

/** @param {boolean} fresh */
async function fetchPackage(fresh) {
  const before = await packageState();
  const old = !before || Date.now() - Date.parse(before.at) > PACKAGE_EVERY_MS || Date.parse(before.at) > Date.now();
  const open = (await items()).some((one) => ["conflict", "quarantined", "held"].includes(one.state));
  if (!fresh && !old && !open && !heard.size) return;
  const sent = await asDevice("GET", `package/?since=${encodeURIComponent(before?.cursor ?? "")}`);
  if (sent.schema !== SCHEMA) throw new TooOld();
  await applyPackage(sent);
  await forgetOld();
  heard.clear();
}

/** The server speaks a newer language than this version; what is saved goes on being sent. */
export class TooOld extends Error {}
