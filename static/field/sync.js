// When the engine runs, and what the screens are told of it: on a save, on signal, on coming back to the
// app, and again by itself after a failure, later each time.
import { asDevice, asLocked, device, Refused } from "./api.js";
import { writeMeta } from "./db.js";
import { round, TooOld } from "./engine.js";
import { changes } from "./items.js";
import { handOver } from "./locked.js";
import * as vault from "./vault.js";
import { wipe } from "./wipe.js";

const FIRST_WAIT_MS = 4_000;
const LONGEST_WAIT_MS = 10 * 60_000;
const EVERY_MS = 15 * 60_000;

/**
 * `idle`, `running`, `waiting` (the last try failed; `retry_at`), `login` (the server does not know
 * this phone's secret), `locked`, `update` (this version is too old for the server).
 * @type {{phase: "idle" | "running" | "waiting" | "login" | "locked" | "update", why: string, retry_at: number | null}}
 */
export const status = { phase: "idle", why: "", retry_at: null };
/** `change` when `status` has changed. */
export const statusChanges = new EventTarget();

let failures = 0;
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
  if (!vault.isOpen()) return locked();
  tell("running"); // at once, so that who pressed the button sees it
  try {
    if (!(await device())) return tell("idle");
    if ((await round(fresh)) === "leaving") return await obey();
    failures = 0;
    tell("idle");
  } catch (error) {
    await failed(error);
  }
}

/** Locked, nothing is sent; but a lost phone must hear that it was signed out. */
async function locked() {
  tell("locked");
  try {
    if ((await handOver()) === "leaving") await obey(asLocked);
  } catch {
    timer = setTimeout(() => void syncNow(), LONGEST_WAIT_MS); // no signal, or not all of it arrived
  }
}

/** Everything is with the server: forget it all, as the coordinator asked. @param {typeof asDevice} [call] */
async function obey(call = asDevice) {
  const mine = await device();
  if (mine) await call("POST", `devices/${mine.id}/wiped/`, { json: {} });
  await wipe();
}

/** @param {unknown} error */
async function failed(error) {
  if (error instanceof vault.Locked) return tell("locked");
  if (error instanceof Refused && error.status === 401) return tell("login");
  if (error instanceof TooOld) return tell("update");
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
  changes.addEventListener("waits", () => {
    askForBackgroundSync();
    soon();
  });
  addEventListener("online", soon);
  document.addEventListener("visibilitychange", () => document.visibilityState === "visible" && soon());
  setInterval(() => ["idle", "locked"].includes(status.phase) && void syncNow(), EVERY_MS);
  void syncNow({ fresh: true }); // also to hear whether this phone was signed out
}
