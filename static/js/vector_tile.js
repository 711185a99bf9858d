// Reads a vector tile (Mapbox Vector Tile 2.1) straight into canvas paths: no point is made that is not drawn.
import { PbfReader } from "../vendor/pbf/index.js";

const MOVE_TO = 1;
const LINE_TO = 2;

/**
 * @typedef {string | number | boolean} Value
 * @typedef {{ layer: string, id: number, properties: Record<string, Value>, path: Path2D, at: {x: number, y: number} }} Drawn
 * @typedef {{ id: number, tags: number[], geometry: number[] }} Feature
 * @typedef {{ name: string, extent: number, keys: string[], values: Value[], features: Feature[] }} Layer
 */

/**
 * Every feature of a tile, its path in pixels of a tile that is `size` wide.
 * @param {ArrayBuffer} bytes @param {number} size @returns {Drawn[]}
 */
export function decode(bytes, size) {
  const found = /** @type {Drawn[]} */ ([]);
  new PbfReader(bytes).readFields((field, drawn, pbf) => {
    if (field !== 3) return;
    const layer = pbf.readMessage(readLayer, { name: "", extent: 4096, keys: [], values: [], features: [] });
    for (const feature of layer.features) drawn.push(draw(feature, layer, size / layer.extent));
  }, found);
  return found;
}

/** @param {number} field @param {Layer} layer @param {PbfReader} pbf */
function readLayer(field, layer, pbf) {
  if (field === 1) layer.name = pbf.readString();
  else if (field === 2) layer.features.push(pbf.readMessage(readFeature, { id: 0, tags: [], geometry: [] }));
  else if (field === 3) layer.keys.push(pbf.readString());
  else if (field === 4) layer.values.push(pbf.readMessage(readValue, { value: "" }).value);
  else if (field === 5) layer.extent = pbf.readVarint();
}

/** @param {number} field @param {Feature} feature @param {PbfReader} pbf */
function readFeature(field, feature, pbf) {
  if (field === 1) feature.id = pbf.readVarint();
  else if (field === 2) pbf.readPackedVarint(feature.tags);
  else if (field === 4) pbf.readPackedVarint(feature.geometry);
}

/** @param {number} field @param {{value: Value}} into @param {PbfReader} pbf */
function readValue(field, into, pbf) {
  if (field === 1) into.value = pbf.readString();
  else if (field === 2) into.value = pbf.readFloat();
  else if (field === 3) into.value = pbf.readDouble();
  else if (field === 4) into.value = pbf.readVarint(true);
  else if (field === 5) into.value = pbf.readVarint();
  else if (field === 6) into.value = pbf.readSVarint();
  else if (field === 7) into.value = pbf.readBoolean();
}

/** @param {Feature} feature @param {Layer} layer @param {number} scale @returns {Drawn} */
function draw(feature, layer, scale) {
  /** @type {Record<string, Value>} */
  const properties = {};
  for (let i = 0; i < feature.tags.length; i += 2) properties[layer.keys[feature.tags[i]]] = layer.values[feature.tags[i + 1]];
  const path = new Path2D();
  const at = trace(feature.geometry, scale, path, Number(properties.side ?? 0) * scale);
  return { layer: layer.name, id: feature.id, properties, path, at };
}

/**
 * Runs through the pen's commands; returns where it started. A point with a `side` becomes a square round it.
 * @param {number[]} geometry @param {number} scale @param {Path2D} path @param {number} side
 */
function trace(geometry, scale, path, side) {
  let x = 0, y = 0, at = { x: 0, y: 0 };
  let west = Infinity, east = -Infinity, north = Infinity, south = -Infinity;
  for (let i = 0; i < geometry.length;) {
    const command = geometry[i] & 7;
    let times = geometry[i++] >> 3;
    if (command !== MOVE_TO && command !== LINE_TO) {
      path.closePath();
      continue;
    }
    for (; times > 0; times--) {
      x += unfolded(geometry[i++]) * scale;
      y += unfolded(geometry[i++]) * scale;
      if (west === Infinity) at = { x, y };
      west = Math.min(west, x), east = Math.max(east, x), north = Math.min(north, y), south = Math.max(south, y);
      if (side) path.rect(x - side / 2, y - side / 2, side, side);
      else if (command === MOVE_TO) path.moveTo(x, y);
      else path.lineTo(x, y);
    }
  }
  // A farm seen from far is less than a pixel: a dot keeps it on the map.
  if (!side && Math.max(east - west, south - north) < 3) path.rect(at.x - 1.5, at.y - 1.5, 3, 3);
  return at;
}

/** A signed number out of its zigzag form. @param {number} number */
function unfolded(number) {
  return (number >> 1) ^ -(number & 1);
}
