// Geometry on the WGS 84 ellipsoid, for farms: areas, distances, outlines. Points are [lon, lat] in degrees.

/** @typedef {[number, number]} Point */

const A = 6378137; // semi-major axis, m (WGS 84)
const F = 1 / 298.257223563;
const E2 = F * (2 - F);
const E = Math.sqrt(E2);
const RAD = Math.PI / 180;

/** @param {number} lat degrees */
function authalicQ(lat) {
  const s = Math.sin(lat * RAD);
  return (1 - E2) * (s / (1 - E2 * s * s) + Math.log((1 + E * s) / (1 - E * s)) / (2 * E));
}

/**
 * The area inside an outline, in square metres, whichever way round it goes.
 * Exact for the ellipsoid in Lambert's equal-area cylindrical projection (Snyder, Map Projections, 1987,
 * eq. 3-12 and 10-14); its straight edges differ from geodesics by centimetres over a farm.
 * @param {Point[]} ring closed or not
 */
export function areaM2(ring) {
  if (ring.length < 3) return 0;
  const [lon0, lat0] = ring[0];
  const q0 = authalicQ(lat0);
  let twice = 0;
  for (let n = 0; n < ring.length; n += 1) {
    const [a, b] = [ring[n], ring[(n + 1) % ring.length]];
    const [ax, bx] = [(a[0] - lon0) * RAD, (b[0] - lon0) * RAD];
    twice += ax * (authalicQ(b[1]) - q0) - bx * (authalicQ(a[1]) - q0);
  }
  return Math.abs((twice / 2) * (A * A) / 2);
}

/** @param {Point[]} ring */
export const areaHa = (ring) => areaM2(ring) / 10_000;

/** Metres per degree of longitude and of latitude at a latitude. @param {number} lat @returns {Point} */
export function metresPerDegree(lat) {
  const s = Math.sin(lat * RAD);
  const w = 1 - E2 * s * s;
  const east = (A / Math.sqrt(w)) * Math.cos(lat * RAD) * RAD;
  const north = ((A * (1 - E2)) / w ** 1.5) * RAD;
  return [east, north];
}

/** Metres between two points; within 0.1 % up to 100 km. @param {Point} a @param {Point} b */
export function distanceM(a, b) {
  const [east, north] = metresPerDegree((a[1] + b[1]) / 2);
  return Math.hypot((b[0] - a[0]) * east, (b[1] - a[1]) * north);
}

/** The length of a line, in metres. @param {Point[]} line @param {{closed?: boolean}} [how] */
export function lengthM(line, { closed = false } = {}) {
  let metres = 0;
  for (let n = 1; n < line.length; n += 1) metres += distanceM(line[n - 1], line[n]);
  return metres + (closed && line.length > 2 ? distanceM(line[line.length - 1], line[0]) : 0);
}

/** @param {Point} point @param {Point[]} ring */
export function isInside([x, y], ring) {
  let inside = false;
  for (let n = 0, m = ring.length - 1; n < ring.length; m = n, n += 1) {
    const [[ax, ay], [bx, by]] = [ring[n], ring[m]];
    if (ay > y !== by > y && x < ((bx - ax) * (y - ay)) / (by - ay) + ax) inside = !inside;
  }
  return inside;
}

/** Metres from a point to a plot (its rings, holes included), 0 inside; Infinity without any ring. @param {Point} point @param {Point[][]} rings */
export function distanceToPlotM(point, rings) {
  if (rings.filter((ring) => isInside(point, ring)).length % 2 === 1) return 0;
  let least = Infinity;
  for (const ring of rings) {
    for (let n = 0; n < ring.length; n += 1) {
      least = Math.min(least, toEdgeM(point, ring[n], ring[(n + 1) % ring.length]));
    }
  }
  return least;
}

/** @param {Point} p @param {Point} a @param {Point} b */
function toEdgeM(p, a, b) {
  // Measured where the edge passes nearest: a degree of longitude shrinks towards the pole.
  const [east, north] = metresPerDegree((p[1] + a[1]) / 2);
  const [ax, ay] = [(a[0] - p[0]) * east, (a[1] - p[1]) * north];
  const [dx, dy] = [(b[0] - a[0]) * east, (b[1] - a[1]) * north];
  const square = dx * dx + dy * dy;
  const t = square ? Math.max(0, Math.min(1, -(ax * dx + ay * dy) / square)) : 0;
  return distanceM(p, [a[0] + t * (b[0] - a[0]), a[1] + t * (b[1] - a[1])]);
}

/** The rings of a plot of the package (docs/sync.md: delta-coded hundred-thousandths of a degree). @param {number[][][]} shape @returns {Point[][]} */
export function ringsOf(shape) {
  return shape.map((ring) => {
    let [x, y] = [0, 0];
    return ring.map(([dx, dy]) => {
      x += dx;
      y += dy;
      return /** @type {Point} */ ([x / 1e5, y / 1e5]);
    });
  });
}

/** @param {Point} a @param {Point} b @param {Point} c */
const turn = (a, b, c) => Math.sign((b[0] - a[0]) * (c[1] - a[1]) - (b[1] - a[1]) * (c[0] - a[0]));

/** Whether two edges cross or touch inside each other. @param {Point} a @param {Point} b @param {Point} c @param {Point} d */
export function edgesCross(a, b, c, d) {
  const [p, q, r, s] = [turn(a, b, c), turn(a, b, d), turn(c, d, a), turn(c, d, b)];
  return p !== q && r !== s && (p !== 0 || q !== 0) && (r !== 0 || s !== 0);
}

/**
 * Where an outline crosses itself: pairs of numbers of edges (edge n goes from point n to the next).
 * @param {Point[]} ring not closed @param {{closed?: boolean}} [how] closed: with the edge from the last point to the first
 * @returns {[number, number][]}
 */
export function crossings(ring, { closed = true } = {}) {
  const count = closed ? ring.length : ring.length - 1;
  /** @type {[number, number][]} */
  const found = [];
  for (let n = 0; n < count; n += 1) {
    for (let m = n + 2; m < count; m += 1) {
      if (closed && n === 0 && m === count - 1) continue; // neighbours around the start
      if (edgesCross(ring[n], ring[n + 1], ring[m], ring[(m + 1) % ring.length])) found.push([n, m]);
    }
  }
  return found;
}
