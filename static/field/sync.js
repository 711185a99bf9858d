// The engine that brings what was saved to the server. Nothing is dropped, whatever is answered: an
// item leaves the queue only with a receipt, a photo only when the server has checked its hash.
import { asDevice, device, Refused, Unreachable } from "./api.js";
import { readMeta, writeMeta } from "./db.js";
import { localIso } from "./ids.js";
import { changes, envelope, items, move, settle } from "./items.js";
import { sendPhotos } from "./send_photos.js";
import { applyPackage, packageState } from "./reference.js";
import * as vault from "./vault.js";
import { appVersion } from "./version.js";
import { wipe } from "./wipe.js";

const BATCH = 50;
const BATCH_BYTES = 1_000_000;
const FIRST_WAIT_MS = 4_000;
const LONGEST_WAIT_MS = 10 * 60_000;
const PACKAGE_EVERY_MS = 15 * 60_000;
/** Answers that are not about what was sent: who are you, too often, try later. */
const WHOLE_SERVER = new Set([401, 403, 404, 429, 502, 503, 504]);
const SCHEMA = 1;

/**
 * `idle`, `running`, `waiting` (the last try failed; `retry_at`), `login` (the server does not know
 * this phone's secret), `locked`, `update` (this version is too old for the server).
 * @type {{phase: "idle" | "running" | "waiting" | "login" | "locked" | "update", why: string, retry_at: number | null}}
 */
export const status = { phase: "idle", why: "", retry_at: null };
/** `change` when `status` has changed. */
export const statusChanges = new EventTarget();

let failures = 0;
let batchSize = BATCH;
/** @type {ReturnType<typeof setTimeout> | undefined} */
let timer;
/** @type {Promise<void> | null} */
let running = null;
let again = false;
let againFresh = false;

/** @param {typeof status.phase} phase @param {string} [why] @param {number | null} [retry_at] */
function tell(phase, why = "", retry_at = null) {
  Object.assign(status, { phase, why, retry_at });
  statusChanges.dispatchEvent(new Event("change"));
}

/** Send and fetch now; when it is running already, once more after it. @param {{fresh?: boolean}} [options] fresh: the package too, however new it is */
export function syncNow({ fresh = false } = {}) {
  if (running) {
    again = true;
    againFresh ||= fresh;
    return running;
  }
  clearTimeout(timer);
  running = run(fresh).finally(() => {
    running = null;
    if (again) {
      const next = { fresh: againFresh };
      again = againFresh = false;
      void syncNow(next);
    }
  });
  return running;
}

/** @param {boolean} fresh */
async function run(fresh) {
  if (!(await device())) return;
  if (!vault.isOpen()) return tell("locked");
  tell("running");
  try {
    const leaving = Boolean(await readMeta("signed_out"));
    await sendItems(leaving);
    await sendPhotos(leaving);
    if (await readMeta("signed_out")) {
      if (!leaving) {
        again = true; // it was said just now: drafts go too, then the phone is wiped
        return tell("idle");
      }
      return await obey();
    }
    await fetchPackage(fresh);
    failures = 0;
    tell("idle");
  } catch (error) {
    await failed(error);
  }
}

/** Send what waits. A phone that was signed out sends its drafts too. @param {boolean} leaving */
async function sendItems(leaving) {
  const mine = await device();
  if (!mine) return;
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
  for (const error of passedOver.values()) throw error;
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
  heard.clear();
}

/** The server speaks a newer language than this version; what is saved goes on being sent. */
class TooOld extends Error {}

/** Everything is with the server: forget it all, as the coordinator asked. */
async function obey() {
  const mine = await device();
  if (mine) await asDevice("POST", `devices/${mine.id}/wiped/`, { json: {} });
  await wipe();
}

/** @param {unknown} error */
async function failed(error) {
  if (error instanceof vault.Locked) return tell("locked");
  if (error instanceof Refused && error.status === 401) return tell("login");
  if (error instanceof TooOld) return tell("update");
  if (error instanceof Refused && error.data?.wipe) {
    again = true;
    return tell("idle");
  }
  failures += 1;
  const longest = Math.min(LONGEST_WAIT_MS, FIRST_WAIT_MS * 2 ** Math.min(failures - 1, 12));
  const asked = error instanceof Refused ? (error.retry_after_s ?? 0) * 1000 : 0;
  const wait = Math.max(asked, longest / 2 + (Math.random() * longest) / 2);
  await writeMeta("last_failure", { at: new Date().toISOString(), why: String(error) });
  tell("waiting", error instanceof Refused ? `answer ${error.status}` : "unreachable", Date.now() + wait);
  timer = setTimeout(() => void syncNow(), wait);
  askForBackgroundSync();
}

/** Where the browser has it, be woken when there is signal again. */
function askForBackgroundSync() {
  navigator.serviceWorker?.ready.then((/** @type {any} */ registration) => registration.sync?.register("hato")).catch(() => undefined);
}

/** Start the engine: on a save, on signal, on coming back to the app, and by and by. */
export function startSync() {
  const soon = () => {
    failures = 0;
    void syncNow();
  };
  changes.addEventListener("waits", soon);
  addEventListener("online", soon);
  document.addEventListener("visibilitychange", () => document.visibilityState === "visible" && soon());
  navigator.serviceWorker?.addEventListener("message", ({ data }) => data === "sync" && soon());
  setInterval(() => status.phase === "idle" && void syncNow(), PACKAGE_EVERY_MS);
  void syncNow({ fresh: true }); // also to hear whether this phone was signed out
}
