// Talking to the server: JSON below /api/v1/field/, as this device or as the person who is logged in.
import { readMeta, writeMeta } from "./db.js";
import { currentLanguage } from "./i18n.js";
import { changes } from "./items.js";
import { seal, unseal } from "./vault.js";

const ROOT = "/api/v1/field/";
/** Answers that are not about what was sent: who are you, too often, try later. */
export const WHOLE_SERVER = new Set([401, 403, 404, 429, 502, 503, 504]);
const TIMEOUT_MS = 90_000; // a full batch on 2G takes a minute

/** No answer that can be believed: no signal, a broken line, a page of somebody else's Wi-Fi. */
export class Unreachable extends Error {}

/** The server answered and said no. */
export class Refused extends Error {
  /** @param {number} status @param {any} data @param {number | null} retry_after_s */
  constructor(status, data, retry_after_s) {
    super(`answer ${status}`);
    this.status = status;
    this.data = data;
    this.retry_after_s = retry_after_s;
  }
}

/**
 * `locked_token` lies in the open: with it the locked phone hears that it was signed out (locked.js).
 * @typedef {{id: string, name: string, user: {id: string, name: string, language: string}, locked_token?: string, sealed_secret: import("./vault.js").Sealed}} Device
 */

/** @returns {Promise<Device | undefined>} */
export function device() {
  return readMeta("device");
}

/** @param {Omit<Device, "sealed_secret">} who @param {string} secret */
export async function keepDevice(who, secret) {
  await writeMeta("device", { ...who, sealed_secret: await seal(secret) });
}

async function deviceAuthorization() {
  const mine = await device();
  if (!mine) throw new Error("no device");
  return `Device ${mine.id}:${await unseal(mine.sealed_secret)}`;
}

function csrfToken() {
  return /(?:^|;\s*)csrftoken=([^;]+)/.exec(document.cookie)?.[1] ?? "";
}

/**
 * Call as this device. Raises Unreachable, Refused, Locked.
 * @param {string} method @param {string} path below /api/v1/field/ @param {Sent} [what]
 */
export async function asDevice(method, path, what) {
  return signed(await deviceAuthorization(), method, path, what);
}

/** Call as this device while it is locked. Raises Unreachable, Refused. @param {string} method @param {string} path @param {Sent} [what] */
export async function asLocked(method, path, what) {
  const mine = await device();
  return signed(`Locked ${mine?.id}:${mine?.locked_token}`, method, path, what);
}

/** @typedef {{json?: any, bytes?: BufferSource, headers?: Record<string, string>}} Sent */

/** @param {string} authorization @param {string} method @param {string} path @param {Sent} [what] */
async function signed(authorization, method, path, { json, bytes, headers = {} } = {}) {
  /** @type {Record<string, string>} */
  const sent = { Authorization: authorization, "Accept-Language": currentLanguage(), ...headers };
  let body = bytes;
  if (json !== undefined) {
    sent["Content-Type"] = "application/json";
    body = new TextEncoder().encode(JSON.stringify(json));
  } else if (bytes) sent["Content-Type"] = "application/octet-stream";
  if (json?.sent_at) {
    body = await gzipped(/** @type {Uint8Array<ArrayBuffer>} */ (body)); // signal is dear where there is little of it
    sent["Content-Encoding"] = "gzip";
  }
  // Without cookies: the session is another matter, and may have ended long ago.
  return call(ROOT + path, { method, body, credentials: "omit", headers: sent });
}

/** @param {Uint8Array<ArrayBuffer>} bytes */
function gzipped(bytes) {
  return new Response(new Blob([bytes]).stream().pipeThrough(new CompressionStream("gzip"))).arrayBuffer();
}

/** Call as the person logged in on this browser. Raises Unreachable, Refused. @param {string} method @param {string} path @param {any} [json] */
export function asPerson(method, path, json) {
  const headers = json === undefined ? undefined : { "Content-Type": "application/json", "X-CSRFToken": csrfToken() };
  return call(path.startsWith("/") ? path : ROOT + path, { method, headers, body: json === undefined ? undefined : JSON.stringify(json) });
}

/** @param {string} url @param {RequestInit} init */
async function call(url, init) {
  let answer, data;
  try {
    answer = await fetch(url, { ...init, cache: "no-store", redirect: "error", signal: AbortSignal.timeout(TIMEOUT_MS) });
    data = answer.status === 204 ? {} : await answer.json();
  } catch (error) {
    throw new Unreachable(String(error));
  }
  if (data?.server_time || data?.wipe) await noteContact(data);
  if (answer.ok) return data;
  throw new Refused(answer.status, data, Number(answer.headers.get("Retry-After")) || null);
}

/** What every answer tells: the server's time, and whether this phone was signed out. @param {{server_time?: string, wipe?: boolean}} told */
async function noteContact({ server_time, wipe }) {
  if (server_time) {
    const clock_ahead_s = Math.round((Date.now() - Date.parse(server_time)) / 1000);
    await writeMeta("contact", { at: new Date().toISOString(), clock_ahead_s });
  }
  if (wipe === undefined || Boolean(await readMeta("signed_out")) === wipe) return;
  // A coordinator may take the sign-out back until the phone has obeyed.
  await writeMeta("signed_out", wipe);
  changes.dispatchEvent(new CustomEvent("change", { detail: { what: "contact" } }));
}
