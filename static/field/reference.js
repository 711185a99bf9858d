// What the server sent ahead (the field package): ranchers, plots, practices, limits, own visits.
// Each part is one sealed record; a delta changes all parts and the cursor in one transaction.
import { database, readMeta } from "./db.js";
import { changed, changes, items, refresh, settle } from "./items.js";
import { withRoom } from "./room.js";
import { seal, unseal } from "./vault.js";

/** @typedef {import("./types.js").Reference} Reference */

const LISTS = /** @type {const} */ (["ranchers", "plots", "visits"]);

/** @type {Promise<Reference> | null} */
let kept = null;

/** The package's data by id or code, with the ranchers registered here that the server has not sent yet. */
export function reference() {
  kept ??= read();
  return kept;
}

/** Forget what is in memory (the screen was locked, or the data changed). */
export function forgetReference() {
  kept = null;
}

changes.addEventListener("change", (event) => {
  const { what, kind } = /** @type {CustomEvent} */ (event).detail;
  if (what === "reference" || kind === "rancher") kept = null;
});

/** @param {string} part */
async function part(part) {
  const sealed = await (await database()).get("reference", part);
  return sealed ? unseal(sealed) : null;
}

/** @returns {Promise<Reference>} */
async function read() {
  const [me, practices, limits, ranchers, plots, visits, registered] = await Promise.all([
    part("me"),
    part("practices"),
    part("limits"),
    part("ranchers"),
    part("plots"),
    part("visits"),
    items({ kind: "rancher" }),
  ]);
  const byId = (/** @type {any[] | null} */ list) => new Map((list ?? []).map((one) => [one.id, one]));
  const people = byId(ranchers);
  for (const { id, content } of registered) if (!people.has(id)) people.set(id, fromRegistration(id, content));
  return {
    me,
    practices: new Map((practices ?? []).map((/** @type {any} */ one) => [one.code, one])),
    limits,
    ranchers: people,
    plots: byId(plots),
    visits: byId(visits),
  };
}

/** @param {string} id @param {Record<string, any>} content @returns {import("./types.js").RancherInCare} */
function fromRegistration(id, content) {
  return {
    id,
    name: `${content.given_names ?? ""} ${content.surnames ?? ""}`.trim(),
    community: content.community ?? "",
    district: content.district ?? "",
    phone: content.phone ?? "",
    cohort: "",
    status: "",
    technician_is_me: true,
    due_on: null,
    last_visit_on: null,
    last: { on: null, figures: {}, ages: {} },
    stages: {},
    steps: [],
    local: true,
  };
}

/** Take in a package, whole or a delta. @param {any} sent the answer of `GET package/` */
export async function applyPackage(sent) {
  /** @type {[string, import("./vault.js").Sealed][]} */
  const sealed = [];
  for (const name of ["me", "practices", "limits"]) if (sent[name]) sealed.push([name, await seal(sent[name])]);
  for (const name of LISTS) {
    const gone = new Set(sent.gone?.[name] ?? []);
    if (!sent.full && !sent[name]?.length && !gone.size) continue;
    const list = new Map((sent.full ? [] : ((await part(name)) ?? [])).map((/** @type {any} */ one) => [one.id, one]));
    gone.forEach((id) => list.delete(id));
    for (const one of sent[name] ?? []) list.set(one.id, one);
    sealed.push([name, await seal([...list.values()])]);
  }
  await withRoom("item", async () => {
    const tx = (await database()).transaction(["reference", "meta"], "readwrite", { durability: "strict" });
    for (const [name, value] of sealed) tx.objectStore("reference").put(value, name).catch(() => undefined);
    tx.objectStore("meta").put({ cursor: sent.cursor, at: new Date().toISOString() }, "package").catch(() => undefined);
    await tx.done;
  });
  for (const visit of sent.visits ?? []) await refresh(visit);
  for (const { number, id, outcome, version, reasons } of sent.receipts ?? []) {
    await settle(id, null, { number, outcome, version, at: new Date().toISOString() }, reasons ?? []);
  }
  changed("reference");
}

/** @returns {Promise<{cursor: string, at: string} | undefined>} */
export function packageState() {
  return readMeta("package");
}
