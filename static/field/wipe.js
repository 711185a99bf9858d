// Forget everything on this phone.
import { deleteDatabase } from "./db.js";

/** Wipe data, key, caches and worker, then show that it was done. @param {string} [why] "signed_out" by a coordinator, or "left" by oneself */
export async function wipe(why = "signed_out") {
  await deleteDatabase();
  for (const name of await caches.keys()) await caches.delete(name);
  for (const one of await navigator.serviceWorker.getRegistrations()) await one.unregister();
  localStorage.clear();
  sessionStorage.setItem("hato-wiped", why);
  location.replace("/campo/");
}
