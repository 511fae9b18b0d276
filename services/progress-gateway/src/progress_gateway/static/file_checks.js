/** What can be told of a file before a byte of it is sent. Pure. */

export const HEAD_BYTES = 8;
const ZIP = [0x50, 0x4b];
const OLE2 = [0xd0, 0xcf, 0x11, 0xe0];

/**
 * Return what is wrong with a file as `{key, params}` of a message, or null.
 * `head`: its first HEAD_BYTES bytes; `maxUploadBytes`: null when the server has not said.
 */
export function faultOfFile({ name, sizeBytes }, head, maxUploadBytes) {
  if (!name.toLowerCase().endsWith(".xlsx")) return { key: "file.wrongExtension", params: { name } };
  if (sizeBytes === 0) return { key: "file.empty", params: { name } };
  if (maxUploadBytes !== null && sizeBytes > maxUploadBytes) {
    return { key: "file.tooLarge", params: { sizeBytes, maxUploadBytes } };
  }
  if (startsWith(head, OLE2)) return { key: "file.legacy", params: { name } };
  if (!startsWith(head, ZIP)) return { key: "file.notWorkbook", params: { name } };
  return null;
}

function startsWith(bytes, magic) {
  return magic.every((byte, at) => bytes[at] === byte);
}
