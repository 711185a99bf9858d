// Visits, new ranchers and walked boundaries on this phone, and what became of each.
import { database } from "./db.js";
import { sha256 } from "./ids.js";
import { withRoom } from "./room.js";
import { seal, unseal } from "./vault.js";

/** @typedef {import("./types.js").Item} Item */
/** @typedef {import("./types.js").Kind} Kind */
/** @typedef {import("./types.js").State} State */
/** @typedef {import("./types.js").Reason} Reason */
/** @typedef {import("./types.js").Receipt} Receipt */

/**
 * As it lies in the database. `taken` is the content that the server last took, to go back to;
 * `unsent_since` tells since when something waits.
 * @typedef {Omit<Item, "content" | "reasons"> & {sealed: import("./vault.js").Sealed,
 *   taken: {sealed: import("./vault.js").Sealed, state: State} | null, unsent_since: string | null}} Row
 */

/** Tells of every change: `change` events with `detail` {what: "items" | "photos" | "reference", id?, kind?}. */
export const changes = new EventTarget();

/** What the service worker changed is told to the page as well. */
const others = new BroadcastChannel("hato-changes");
others.addEventListener("message", ({ data }) => changes.dispatchEvent(new CustomEvent("change", { detail: data })));

/** @param {"items" | "photos" | "reference"} what @param {string} [id] @param {Kind} [kind] */
export function changed(what, id, kind) {
  const detail = { what, id, kind };
  changes.dispatchEvent(new CustomEvent("change", { detail }));
  others.postMessage(detail);
}

/** There is something new to send: a `waits` event, for the engine. */
export function somethingWaits() {
  changes.dispatchEvent(new Event("waits"));
}

/**
 * Writes wait for each other, also for those of the service worker: each reads what the one before wrote.
 * @template T @param {() => Promise<T>} work @returns {Promise<T>}
 */
export function inTurn(work) {
  return /** @type {Promise<T>} */ (navigator.locks.request("hato-write", work));
}

/** Times for bench/field_app.py; only the last of each is kept. @param {string} name @param {number} start */
function measured(name, start) {
  performance.clearMeasures(name);
  performance.measure(name, { start });
}

/** @param {Row} row @returns {Promise<Item>} */
async function toItem({ sealed, taken: _taken, unsent_since: _since, ...plain }) {
  const { content, reasons } = await unseal(sealed);
  return { ...plain, content, reasons };
}

/** @param {Row} row */
async function put(row) {
  await withRoom("item", async () => {
    const tx = (await database()).transaction("items", "readwrite", { durability: "strict" });
    tx.store.put(row).catch(() => undefined); // the transaction's own end tells
    await tx.done;
  });
}

/** @returns {Promise<Row[]>} without what is sealed being opened: for counts and lists of states */
export async function rows() {
  return (await database()).getAll("items");
}

/** Items that match, oldest first. @param {{kind?: Kind, state?: State, rancher?: string}} [which] @returns {Promise<Item[]>} */
export async function items({ kind, state, rancher } = {}) {
  const found = (await rows()).filter(
    (row) => (!kind || row.kind === kind) && (!state || row.state === state) && (!rancher || row.rancher === rancher),
  );
  return Promise.all(found.map(toItem));
}

/** @param {string} id @returns {Promise<Item | null>} */
export async function item(id) {
  const row = await (await database()).get("items", id);
  return row ? toItem(row) : null;
}

/**
 * Save; resolves only when it is durable on the device. Raises Full when there is no room (what was
 * saved before stands) and Locked. `base_version` is needed once: for a visit of the package.
 * @param {{id: string, kind: Kind, rancher: string, content: Record<string, any>, state: "draft" | "queued", base_version?: number | null}} what
 * @returns {Promise<Item>}
 */
export function save({ id, kind, rancher, content, state, base_version }) {
  const began = performance.now();
  return inTurn(async () => {
    /** @type {Row | undefined} */
    const before = await (await database()).get("items", id);
    const reasons = state === "draft" && before ? (await unseal(before.sealed)).reasons : [];
    const now = new Date().toISOString();
    /** @type {Row} */
    const row = {
      id,
      kind,
      rancher,
      state,
      revision: (before?.revision ?? 0) + 1,
      base_version: before?.base_version ?? base_version ?? null,
      sealed: await seal({ content, reasons }),
      taken: before?.taken ?? null,
      receipt: before?.receipt ?? null,
      saved_at: now,
      unsent_since: before?.unsent_since ?? now,
    };
    await put(row);
    measured("hato:save", began);
    const [tap] = performance.getEntriesByName("hato:tap");
    if (tap) measured("hato:tap-to-saved", tap.startTime);
    changed("items", id, kind);
    if (state === "queued") somethingWaits();
    return toItem(row);
  });
}

/**
 * Take back what was not sent: a new draft goes; an edit of what the server has goes back to that.
 * @param {string} id
 */
export function removeDraft(id) {
  return inTurn(async () => {
    const db = await database();
    /** @type {Row | undefined} */
    const row = await db.get("items", id);
    if (!row) return;
    if (row.taken) await put({ ...row, ...row.taken, revision: row.revision + 1, unsent_since: null });
    else await db.delete("items", id);
    changed("items", id, row.kind);
  });
}

/** What the phone shows of each of the server's outcomes. @type {Record<string, State>} */
const STATE_OF = {
  created: "received",
  updated: "received",
  unchanged: "received",
  conflict: "conflict",
  rejected: "rejected",
  quarantined: "quarantined",
  held: "held",
  pending: "held",
};

/**
 * The server's answer to the save number `revision` of an item. A save made meanwhile stays to be
 * sent, from the version that the server now has.
 * @param {string} id @param {number | null} revision null: the outcome of an earlier receipt has changed
 * @param {Receipt} receipt @param {Reason[]} reasons
 */
export function settle(id, revision, receipt, reasons) {
  return inTurn(async () => {
    /** @type {Row | undefined} */
    const row = await (await database()).get("items", id);
    if (!row) return;
    if (revision === null && row.receipt && row.receipt.number > receipt.number) return; // of an older save
    const state = STATE_OF[receipt.outcome] ?? "held";
    const took = state !== "rejected";
    const base_version = took ? (receipt.version ?? row.base_version) : row.base_version;
    const savedMeanwhile = revision === null ? ["draft", "queued", "sending"].includes(row.state) : row.revision !== revision;
    if (savedMeanwhile) {
      await put({ ...row, base_version, receipt, state: row.state === "sending" ? "queued" : row.state });
    } else {
      const { content } = await unseal(row.sealed);
      const sealed = await seal({ content, reasons });
      const taken = took ? { sealed, state } : row.taken;
      await put({ ...row, state, base_version, receipt, sealed, taken, unsent_since: took ? null : row.unsent_since });
    }
    changed("items", id, row.kind);
  });
}

/**
 * Newer content of a visit came with the package (edited on a second phone or by the coordinator):
 * it replaces what this phone has of it, unless something here waits.
 * @param {import("./types.js").SentVisit} visit
 */
export function refresh(visit) {
  return inTurn(async () => {
    /** @type {Row | undefined} */
    const row = await (await database()).get("items", visit.id);
    if (!row || row.state !== "received" || (row.base_version ?? 0) >= visit.version) return;
    const sealed = await seal({ content: visit.content, reasons: [] });
    await put({ ...row, rancher: visit.rancher, base_version: visit.version, sealed, taken: { sealed, state: "received" } });
    changed("items", visit.id);
  });
}

/** @param {string[]} ids @param {State} from @param {State} to */
export function move(ids, from, to) {
  return inTurn(async () => {
    const tx = (await database()).transaction("items", "readwrite");
    for (const id of ids) {
      const row = await tx.store.get(id);
      if (row?.state === from) tx.store.put({ ...row, state: to });
    }
    await tx.done;
    ids.forEach((id) => changed("items", id));
  });
}

/** The document of an item as it goes to the server, and its hash. @param {Item} item @param {string} device */
export async function envelope(item, device) {
  const { id, revision, base_version } = item;
  const body = JSON.stringify({ ...item.content, schema: 1, id, device, revision, base_version });
  return { kind: item.kind, body, sha256: await sha256(body) };
}
