// Encryption at rest. A random data key seals what the phone keeps; a key made of the PIN wraps the
// data key. Unlocked, a copy that cannot be exported lies in IndexedDB for at most twelve hours.
import { readMeta, writeMeta } from "./db.js";

export const UNLOCKED_HOURS = 12;
export const PIN_DIGITS = 6;
const ROUNDS = 600_000; // PBKDF2-SHA256, as OWASP asks for
const TRIES_BEFORE_WAITING = 5;
const FIRST_WAIT_S = 30;
const LONGEST_WAIT_S = 15 * 60;

/** The PIN is wrong; `wait_s` seconds must pass before the next try. */
export class WrongPin extends Error {
  /** @param {number} wait_s */
  constructor(wait_s) {
    super("wrong PIN");
    this.wait_s = wait_s;
  }
}

/** Nothing can be read or written before the PIN is given. */
export class Locked extends Error {
  constructor() {
    super("locked");
  }
}

/** @typedef {{iv: Uint8Array<ArrayBuffer>, data: ArrayBuffer}} Sealed */

/** @type {CryptoKey | null} */
let key = null;
let until = 0;

/** @param {BufferSource} raw */
function importDataKey(raw) {
  return crypto.subtle.importKey("raw", raw, "AES-GCM", false, ["encrypt", "decrypt"]);
}

/** @param {string} pin @param {BufferSource} salt */
async function wrappingKey(pin, salt) {
  const words = await crypto.subtle.importKey("raw", new TextEncoder().encode(pin), "PBKDF2", false, ["deriveKey"]);
  const how = { name: "PBKDF2", hash: "SHA-256", salt, iterations: ROUNDS };
  return crypto.subtle.deriveKey(how, words, { name: "AES-GCM", length: 256 }, false, ["encrypt", "decrypt"]);
}

/** A new data key: 32 random bytes. */
export function newDataKey() {
  return crypto.getRandomValues(new Uint8Array(32));
}

/** Lock `raw` with a PIN and open it; an earlier PIN opens it no longer. @param {Uint8Array<ArrayBuffer>} raw @param {string} pin */
export async function setPin(raw, pin) {
  const salt = crypto.getRandomValues(new Uint8Array(16));
  const iv = crypto.getRandomValues(new Uint8Array(12));
  const wrapped = await crypto.subtle.encrypt({ name: "AES-GCM", iv }, await wrappingKey(pin, salt), raw);
  await writeMeta("vault", { salt, iv, wrapped, rounds: ROUNDS, wrong: 0, wait_until: 0 });
  await open(await importDataKey(raw));
}

/** Open with the PIN. Raises WrongPin; never wipes. @param {string} pin */
export async function unlock(pin) {
  const vault = await readMeta("vault");
  const now = Date.now();
  // A clock set back must not make the wait longer than the longest one.
  const left = Math.min(vault.wait_until - now, LONGEST_WAIT_S * 1000);
  if (left > 0) throw new WrongPin(Math.ceil(left / 1000));
  let raw;
  try {
    raw = await crypto.subtle.decrypt({ name: "AES-GCM", iv: vault.iv }, await wrappingKey(pin, vault.salt), vault.wrapped);
  } catch {
    const wrong = vault.wrong + 1;
    const beyond = wrong - TRIES_BEFORE_WAITING;
    const wait_s = beyond < 0 ? 0 : Math.min(FIRST_WAIT_S * 2 ** beyond, LONGEST_WAIT_S);
    await writeMeta("vault", { ...vault, wrong, wait_until: now + wait_s * 1000 });
    throw new WrongPin(wait_s);
  }
  if (vault.wrong) await writeMeta("vault", { ...vault, wrong: 0, wait_until: 0 });
  await open(await importDataKey(raw));
}

/** @param {CryptoKey} opened */
async function open(opened) {
  const at = Date.now();
  await writeMeta("unlocked", { key: opened, at });
  key = opened;
  until = at + UNLOCKED_HOURS * 3600_000;
}

/** Take up the key of an earlier page, if its twelve hours are not over. */
export async function resume() {
  const kept = await readMeta("unlocked");
  if (!kept) return false;
  const age = Date.now() - kept.at;
  if (age < 0 || age >= UNLOCKED_HOURS * 3600_000) {
    await lock();
    return false;
  }
  key = kept.key;
  until = kept.at + UNLOCKED_HOURS * 3600_000;
  return true;
}

export function isOpen() {
  return key !== null && Date.now() < until;
}

/** Is the time over, with the key still in memory? */
export function isOverdue() {
  return key !== null && Date.now() >= until;
}

/** Forget the key; the PIN opens it again. */
export async function lock() {
  key = null;
  await writeMeta("unlocked", null);
}

function theKey() {
  // Overdue is seen by the page, which lets the open form write its last change first.
  if (!key) throw new Locked();
  return key;
}

/** Encrypt bytes. @param {BufferSource} bytes @returns {Promise<Sealed>} */
export async function sealBytes(bytes) {
  const iv = crypto.getRandomValues(new Uint8Array(12));
  return { iv, data: await crypto.subtle.encrypt({ name: "AES-GCM", iv }, theKey(), bytes) };
}

/** Decrypt bytes. @param {Sealed} sealed */
export function openBytes({ iv, data }) {
  return crypto.subtle.decrypt({ name: "AES-GCM", iv }, theKey(), data);
}

/** Encrypt what JSON can hold. @param {any} value */
export function seal(value) {
  return sealBytes(new TextEncoder().encode(JSON.stringify(value)));
}

/** @param {Sealed} sealed */
export async function unseal(sealed) {
  return JSON.parse(new TextDecoder().decode(await openBytes(sealed)));
}
