// Which version this is: written into the page and into the service worker by monitoring/field_shell.py.

/** A hash of all the shell's files, after the name of the release it came with. @returns {string} */
export function appVersion() {
  if (typeof document === "undefined") return /** @type {any} */ (globalThis).HATO.version;
  return document.querySelector('meta[name="hato-version"]')?.getAttribute("content") ?? "";
}
