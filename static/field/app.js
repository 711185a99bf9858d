// Which screen is shown: routes in the hash, the lock, one page at a time.
import * as boundary from "./boundary.js";
import * as day from "./day.js";
import * as first from "./first.js";
import { drawPlaces, drawState, standAlone, viewRoot } from "./frame.js";
import { _, loadLanguage } from "./i18n.js";
import { changes } from "./items.js";
import * as lockScreen from "./lock.js";
import { readMeta } from "./db.js";
import { forgetReference } from "./reference.js";
import * as rancher from "./rancher.js";
import * as rancherNew from "./rancher_new.js";
import { keepReserve } from "./room.js";
import * as settings from "./settings.js";
import * as today from "./today.js";
import { button, empty, toast } from "./ui.js";
import * as vault from "./vault.js";
import * as visit from "./visit.js";
import { wiped } from "./wipe.js";

/** @typedef {import("./types.js").View} View */
/** @typedef {{render: (root: HTMLElement, params: Record<string, string>) => Promise<View | void>}} Module */

/** @type {[RegExp, Module][]} */
const ROUTES = [
  [/^#\/$/, today],
  [/^#\/dia$/, day],
  [/^#\/ajustes$/, settings],
  [/^#\/ganadero\/(?<id>[\w-]+)$/, rancher],
  [/^#\/visita\/(?<id>[\w-]+)$/, visit],
  [/^#\/ganadero-nuevo$/, rancherNew],
  [/^#\/lindero\/(?<rancher>[\w-]+)\/(?<plot>[\w-]+)$/, boundary],
];
const LOCK_CHECK_MS = 20_000;

/** @type {View | void} */
let shown;
let drawing = Promise.resolve();

/** Go to another screen. @param {string} hash */
export function go(hash) {
  location.hash = hash;
}

/** Write what the open screen has not written yet. */
export async function flush() {
  await shown?.flush?.();
}

async function leave() {
  const old = shown;
  shown = undefined;
  await old?.flush?.();
  await old?.leave?.();
}

/** Show the screen that the address asks for, the lock, or the first start; one after the other. */
export function show() {
  drawing = drawing.then(draw, draw);
  return drawing;
}

async function draw() {
  await leave();
  const root = viewRoot();
  const hash = location.hash || "#/";
  const [path, query] = hash.split("?");
  const needed = await gate();
  standAlone(needed !== null);
  drawPlaces(path);
  root.replaceChildren();
  scrollTo(0, 0);
  for (const [pattern, module] of needed ? [] : ROUTES) {
    const match = pattern.exec(path);
    if (!match) continue;
    await render(module, root, { ...Object.fromEntries(new URLSearchParams(query)), ...match.groups });
    return;
  }
  if (needed) await render(needed, root, {});
  else location.replace("#/");
}

/** What stands before every screen: the first start, or the PIN. @returns {Promise<Module | null>} */
async function gate() {
  if (!(await readMeta("device"))) return first;
  if (new URLSearchParams(location.search).has("pin")) return lockScreen.forgotten;
  if (vault.isOpen() || (await vault.resume())) return null;
  return lockScreen;
}

/** @param {Module} module @param {HTMLElement} root @param {Record<string, string>} params */
async function render(module, root, params) {
  try {
    shown = await module.render(root, params);
    performance.mark("hato:shown");
    document.getElementById("title")?.focus({ preventScroll: true });
  } catch (error) {
    console.error(error);
    root.replaceChildren(
      empty(
        "warning",
        _("This screen could not be shown"),
        _("What is saved on the phone is safe. Try again; if it goes on, close Hato and open it."),
        button(_("Try again"), { icon: "sync", onclick: () => void show() }),
      ),
    );
  }
}

/** Lock now: what is open is written first. */
export async function lockNow() {
  await flush().catch(() => undefined);
  await vault.lock();
  forgetReference();
  await show();
}

/** Start: called once, by main.js, when this page is the one that works. */
export async function start() {
  await loadLanguage();
  addEventListener("hashchange", () => void show());
  addEventListener("click", ({ timeStamp }) => (performance.clearMarks("hato:tap"), performance.mark("hato:tap", { startTime: timeStamp })), true);
  changes.addEventListener("change", () => void drawState());
  const lockWhenOver = () => {
    if (vault.isOverdue()) void lockNow();
  };
  setInterval(lockWhenOver, LOCK_CHECK_MS);
  document.addEventListener("visibilitychange", () => {
    if (document.visibilityState === "hidden") void flush();
    else lockWhenOver();
  });
  addEventListener("pagehide", () => void flush());
  addEventListener("unhandledrejection", ({ reason }) => {
    if (reason instanceof vault.Locked) void show();
    else toast(_("Something failed. What was saved is still on the phone."), { kind: "error" });
  });
  await show();
  if (!wiped()) void keepReserve();
}
