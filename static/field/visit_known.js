// What the phone knows of a rancher's farm before a visit: last figures with their days, plots, stages.
import { areaHa, ringsOf } from "./geo.js";
import { figuresOf } from "./limits.js";

/** @typedef {import("./types.js").Reference} Reference */
/** @typedef {import("./types.js").Item} Item */

/** Default limits, for a phone that has not had a package with them (monitoring/coefficients.py). @type {import("./types.js").Limits} */
const NO_LIMITS = { soft: {}, animal_units: {}, hard: {} };

/**
 * What limits.js needs to judge a visit: figures up to its day, of other visits only.
 * @param {{reference: Reference, items: Item[], rancher: string, visit: string, day: string}} about
 * @returns {import("./limits.js").Known}
 */
export function knownOf({ reference, items, rancher, visit, day }) {
  return {
    limits: reference.limits ?? NO_LIMITS,
    last: lastFigures({ reference, items, rancher, visit, day }),
    plots: plotsOf({ reference, items, rancher }).map(({ id, rings }) => ({ id, rings })),
  };
}

/**
 * The newest figure of each kind up to a day: of the package, of own visits in it, and of visits
 * finished on this phone. A figure that may be this visit's own is left out.
 * @param {{reference: Reference, items: Item[], rancher: string, visit: string, day: string}} about
 * @returns {Record<string, {value: string | number, on: string}>}
 */
export function lastFigures({ reference, items, rancher, visit, day }) {
  /** @type {Record<string, {value: string | number, on: string}>} */
  const found = {};
  /** @param {string} name @param {string | number | null} value @param {string | undefined} on */
  const offer = (name, value, on) => {
    if (value === null || value === undefined || !on || on > day) return;
    if (!found[name] || found[name].on <= on) found[name] = { value, on };
  };
  const limits = reference.limits ?? NO_LIMITS;
  const sent = reference.visits.get(visit);
  const last = reference.ranchers.get(rancher)?.last;
  for (const [name, value] of Object.entries(last?.figures ?? {})) {
    const on = last?.ages?.[name] ?? last?.on ?? undefined;
    const own = sent && sent.content.visited_on === on && sent.content.measurements?.[name] !== undefined;
    if (!own) offer(name, value, on);
  }
  const mine = new Map([...reference.visits.values()].filter((one) => one.rancher === rancher).map((one) => [one.id, one.content]));
  for (const item of items) {
    if (item.kind === "visit" && item.rancher === rancher && item.state !== "draft") mine.set(item.id, item.content);
  }
  mine.delete(visit);
  for (const content of mine.values()) {
    if (content.deleted) continue;
    for (const [name, value] of Object.entries(figuresOf(content, limits))) offer(name, value, content.visited_on);
  }
  return found;
}

/**
 * The rancher's plots with their outlines: of the package, and those walked on this phone since.
 * @param {{reference: Reference, items: Item[], rancher?: string}} about rancher: only theirs
 * @returns {{id: string, rancher: string, name: string, rings: import("./geo.js").Point[][], area_ha: number | null, since: string | null, local: boolean}[]}
 */
export function plotsOf({ reference, items, rancher }) {
  const found = new Map();
  for (const plot of reference.plots.values()) {
    if (rancher && plot.rancher !== rancher) continue;
    const area_ha = plot.area_ha === null || plot.area_ha === undefined ? null : Number(plot.area_ha);
    found.set(plot.id, { ...plot, rings: ringsOf(plot.shape ?? []), area_ha, local: false });
  }
  for (const { kind, state, content, rancher: whose } of items) {
    if (kind !== "boundary" || state === "draft" || !content.geometry || (rancher && whose !== rancher)) continue;
    const known = found.get(content.plot);
    if (known?.since && known.since >= content.walked_on) continue; // the package has it, or a newer one
    const ring = content.geometry.coordinates[0].slice(0, -1);
    found.set(content.plot, {
      id: content.plot,
      rancher: whose,
      name: content.plot_name || known?.name || "",
      rings: [ring],
      area_ha: areaHa(ring),
      since: content.walked_on,
      local: !known,
    });
  }
  return [...found.values()].sort((a, b) => a.name.localeCompare(b.name));
}
