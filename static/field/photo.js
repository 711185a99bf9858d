// A picture from the camera or the gallery, made small on the phone: JPEG, no place stored inside.

export const LONGEST_SIDE_PX = 1600;
const QUALITY = 0.82;

/** The size that a picture gets: at most 1600 px on its longer side, never larger than it was. @param {number} width @param {number} height */
export function fittedSize(width, height) {
  const factor = Math.min(1, LONGEST_SIDE_PX / Math.max(width, height));
  return { width: Math.max(1, Math.round(width * factor)), height: Math.max(1, Math.round(height * factor)) };
}

/**
 * The picture upright and scaled, as a JPEG without metadata (drawn anew, so nothing of the file stays).
 * @param {Blob} file @returns {Promise<Blob>} raises when it is not a picture that this phone reads
 */
export async function scaled(file) {
  const bitmap = await createImageBitmap(file, { imageOrientation: "from-image" });
  try {
    const { width, height } = fittedSize(bitmap.width, bitmap.height);
    const canvas = document.createElement("canvas");
    Object.assign(canvas, { width, height });
    const context = canvas.getContext("2d");
    if (!context) throw new Error("no canvas");
    context.fillStyle = "#fff"; // under transparent pictures
    context.fillRect(0, 0, width, height);
    context.imageSmoothingQuality = "high";
    context.drawImage(bitmap, 0, 0, width, height);
    const blob = await new Promise((resolve) => canvas.toBlob(resolve, "image/jpeg", QUALITY));
    canvas.width = 0; // frees the pixels at once on small phones
    if (!blob) throw new Error("no JPEG");
    return blob;
  } finally {
    bitmap.close();
  }
}

/** Draw a picture small on a canvas. @param {Blob} blob @param {HTMLCanvasElement} canvas @param {number} side px */
export async function drawThumbnail(blob, canvas, side) {
  const bitmap = await createImageBitmap(blob);
  const cut = Math.min(bitmap.width, bitmap.height);
  Object.assign(canvas, { width: side, height: side });
  canvas.getContext("2d")?.drawImage(bitmap, (bitmap.width - cut) / 2, (bitmap.height - cut) / 2, cut, cut, 0, 0, side, side);
  bitmap.close();
}
