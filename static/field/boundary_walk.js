// A walked line: which positions become points, what the outline is worth. No screen, no store.
import { areaHa, areaM2, crossings, distanceM, edgesCross, lengthM } from "./geo.js";

/** @typedef {import("./geo.js").Point} Point */
/** @typedef {import("./position.js").Fix} Fix */
/** @typedef {[number, number, number | null, number]} TrackPoint  lon, lat, accuracy in metres (null: put by hand), seconds since 1970 */

export const POOR_M = 15; // marked beyond
export const REFUSED_M = 30; // not taken beyond
const STEP_M = 5; // a corner of a fence is not missed, a resting phone adds nothing
export const LEAST_HA = 0.05; // as ranchers/boundaries.py
export const MOST_HA = 20_000;
const LEAST_POINTS = 3;

/** @param {TrackPoint[]} track @returns {Point[]} */
export const lineOf = (track) => track.map(([lon, lat]) => [lon, lat]);

/** @param {TrackPoint[]} track */
export const poorPoints = (track) => lineOf(track).filter((_point, n) => (track[n][2] ?? 0) > POOR_M);

/**
 * Whether a position becomes a point: `add`, `near` (too close to the last one), `poor` (too inexact).
 * The step grows with the inexactness, so that a wandering position does not draw a scribble.
 * @param {TrackPoint[]} track @param {Fix} fix @param {{marked?: boolean}} [how] marked: the person wants a point here
 * @returns {"add" | "near" | "poor"}
 */
export function judgeFix(track, fix, { marked = false } = {}) {
  if (fix.accuracy_m > REFUSED_M) return "poor";
  const last = track[track.length - 1];
  if (!last) return "add";
  const apart = distanceM([last[0], last[1]], [fix.lon, fix.lat]);
  if (marked) return apart > 0.5 ? "add" : "near";
  return apart >= Math.max(STEP_M, fix.accuracy_m / 2) ? "add" : "near";
}

/** @param {Fix} fix @returns {TrackPoint} */
export const trackPoint = ({ lon, lat, accuracy_m, at }) => [lon, lat, accuracy_m, at];

/**
 * What the outline is worth as it stands, closed back to its start.
 * @param {TrackPoint[]} track
 */
export function worth(track) {
  const line = lineOf(track);
  return { points: line.length, area_ha: areaHa(line), length_m: lengthM(line), perimeter_m: lengthM(line, { closed: true }) };
}

/** Whether the newest edge crosses the line before it. @param {TrackPoint[]} track */
export function crossesItself(track) {
  const line = lineOf(track);
  const n = line.length - 1;
  for (let edge = 0; edge < n - 2; edge += 1) if (edgesCross(line[edge], line[edge + 1], line[n - 1], line[n])) return true;
  return false;
}

/**
 * Why the outline cannot be a boundary yet.
 * @param {TrackPoint[]} track @returns {"few" | "small" | "large" | "crosses" | null}
 */
export function problem(track) {
  const line = lineOf(track);
  if (line.length < LEAST_POINTS || areaM2(line) < 1) return "few";
  const ha = areaHa(line);
  if (ha < LEAST_HA) return "small";
  if (ha > MOST_HA) return "large";
  return crossings(line).length ? "crosses" : null;
}

/** The outline as a GeoJSON polygon, counter-clockwise as RFC 7946 asks. @param {TrackPoint[]} track */
export function polygon(track) {
  const line = lineOf(track);
  let twice = 0;
  line.forEach(([x, y], n) => {
    const [nx, ny] = line[(n + 1) % line.length];
    twice += (x - line[0][0]) * (ny - line[0][1]) - (nx - line[0][0]) * (y - line[0][1]);
  });
  const ring = twice < 0 ? line.reverse() : line;
  return { type: "Polygon", coordinates: [[...ring, ring[0]]] };
}
