/** What can be told of a file before a byte of it is sent. Pure. */

export const HEAD_BYTES = 8;
const ZIP = [0x50, 0x4b];
const OLE2 = [0xd0, 0xcf, 0x11, 0xe0];
const TEXT_NAMES = [".csv", ".tsv", ".tab", ".txt"];

/**
 * Return what is wrong with a file as `{key, params}` of a message, or null.
 * `head`: its first HEAD_BYTES bytes; `limits`: the server's, null when it has not said.
 * A workbook is one under any name; whether a text is a table, the server finds out.
 */
export function faultOfFile({ name, sizeBytes }, head, limits) {
  const lower = name.toLowerCase();
  const isNamedText = TEXT_NAMES.some((ending) => lower.endsWith(ending));
  if (lower.endsWith(".xls") && startsWith(head, OLE2)) return { key: "file.legacy", params: { name } };
  if (!isNamedText && !lower.endsWith(".xlsx")) return { key: "file.wrongExtension", params: { name } };
  if (sizeBytes === 0) return { key: "file.empty", params: { name } };
  const isText = isNamedText && !startsWith(head, ZIP);
  const maxUploadBytes = (isText ? limits?.maxTextUploadBytes : limits?.maxUploadBytes) ?? null;
  if (maxUploadBytes !== null && sizeBytes > maxUploadBytes) {
    return { key: "file.tooLarge", params: { sizeBytes, maxUploadBytes } };
  }
  if (startsWith(head, OLE2)) return { key: "file.legacy", params: { name } };
  if (!isText && !startsWith(head, ZIP)) return { key: "file.notWorkbook", params: { name } };
  return null;
}

function startsWith(bytes, magic) {
  return magic.every((byte, at) => bytes[at] === byte);
}
