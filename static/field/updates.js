// The service worker: registered here; a new version waits until the person takes it.
import { flush } from "./app.js";
import { wiped } from "./wipe.js";

const CHECK_EVERY_MS = 60 * 60_000;

/** `change` when a new version has been loaded and waits. */
export const updates = new EventTarget();
/** @type {ServiceWorker | null} */
let waiting = null;
let taking = false;

/** Has a new version been loaded? */
export function updateWaits() {
  return waiting !== null;
}

/** Change to the new version: what is open is written first, then the page loads again. */
export async function takeUpdate() {
  await flush();
  taking = true;
  waiting?.postMessage("take over");
}

/** @param {ServiceWorkerRegistration} registration */
function look(registration) {
  waiting = registration.waiting && registration.active ? registration.waiting : null;
  if (waiting) updates.dispatchEvent(new Event("change"));
}

let registered = false;

/** Register the worker and look for new versions when there is signal. A wiped phone keeps nothing until it is prepared anew. */
export function registerWorker() {
  const workers = navigator.serviceWorker;
  if (!workers || registered || wiped()) return;
  registered = true;
  workers.addEventListener("controllerchange", () => taking && location.reload());
  const how = /** @type {const} */ ({ scope: "/campo/", updateViaCache: "none" });
  void workers
    .register("/campo/sw.js", { ...how, type: "module" })
    // A browser without module workers keeps the shell all the same; only it sends nothing while closed.
    .catch(() => workers.register("/campo/sw.js?simple", how))
    .then((registration) => {
      look(registration);
      registration.addEventListener("updatefound", () => {
        registration.installing?.addEventListener("statechange", () => look(registration));
      });
      let last = Date.now();
      document.addEventListener("visibilitychange", () => {
        if (document.visibilityState !== "visible" || Date.now() - last < CHECK_EVERY_MS) return;
        last = Date.now();
        registration.update().catch(() => undefined); // no signal: next time
      });
    })
    .catch(() => undefined); // without signal on the very first visit there is nothing to register
}

/** Look for a new version now. */
export async function lookForUpdate() {
  const registration = await navigator.serviceWorker.getRegistration("/campo/");
  await registration?.update().catch(() => undefined);
}

/** Is the app kept on the phone, so that it opens without signal? */
export async function readyOffline() {
  return Boolean((await navigator.serviceWorker?.getRegistration("/campo/"))?.active);
}
