// Forget everything on this phone.
import { deleteDatabase } from "./db.js";
import { giveUpReserve } from "./room.js";

const MARK = "hato-wiped";

/** Why nothing is left here, in this window: "signed_out" by a coordinator, "left" by oneself. */
export function wiped() {
  return sessionStorage.getItem(MARK);
}

/** The phone is prepared anew. */
export function forgetWiped() {
  sessionStorage.removeItem(MARK);
}

/** Wipe data, key, caches and worker, then show that it was done. @param {string} [why] */
export async function wipe(why = "signed_out") {
  sessionStorage.setItem(MARK, why); // first: from here on no page of this window keeps the shell again
  await deleteDatabase();
  await giveUpReserve();
  localStorage.clear();
  await forgetShell();
  location.replace("/campo/");
}

/**
 * Remove the worker and what it keeps. Done once more by the page that says goodbye: a worker lives on
 * for as long as a page of its own is open, and may be in the middle of keeping a new version.
 */
export async function forgetShell() {
  for (const one of (await navigator.serviceWorker?.getRegistrations()) ?? []) {
    for (const worker of [one.installing, one.waiting, one.active]) worker?.postMessage("keep nothing");
    await one.unregister();
  }
  for (const name of await caches.keys()) await caches.delete(name);
}
