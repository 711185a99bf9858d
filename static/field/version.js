// Which version this page is: written into the shell by monitoring/views/field.py.

/** @param {string} name */
function meta(name) {
  return document.querySelector(`meta[name="${name}"]`)?.getAttribute("content") ?? "";
}

/** A hash of all the shell's files, and the release it came with. */
export function appVersion() {
  return meta("hato-version");
}
