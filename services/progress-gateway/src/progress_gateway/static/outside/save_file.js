/** Saves a file that the server makes while it sends it, so that a refusal can be told. */

import { ApiProblem, Unreachable } from "./api.js";

/**
 * Fetch a file and hand it to the browser's downloads; `onBytes(received)` tells how far it is.
 * The browser keeps what comes outside of the page's memory. Rejects with what `api.js` does.
 */
export async function saveFile(address, onBytes = () => {}) {
  let response;
  try {
    response = await fetch(address, { credentials: "same-origin" });
  } catch {
    throw new Unreachable();
  }
  if (!response.ok) {
    throw new ApiProblem(response.status, await response.json().catch(() => ({})));
  }
  const blob = await counted(response, onBytes);
  const link = document.createElement("a");
  link.href = URL.createObjectURL(blob);
  link.download = nameIn(response.headers.get("Content-Disposition")) ?? address.split("/").at(-1);
  link.click();
  // The download has begun by then, and needs the address no more
  setTimeout(() => URL.revokeObjectURL(link.href), 60_000);
}

async function counted(response, onBytes) {
  let received = 0;
  const count = new TransformStream({
    transform(piece, controller) {
      received += piece.byteLength;
      onBytes(received);
      controller.enqueue(piece);
    },
  });
  try {
    return await new Response(response.body.pipeThrough(count), { headers: response.headers }).blob();
  } catch {
    throw new Unreachable(); // cut in the middle: half a file is none
  }
}

/** Return the name in a `Content-Disposition` (RFC 6266), the one in any script first. */
export function nameIn(disposition) {
  const encoded = /filename\*=UTF-8''([^;]+)/i.exec(disposition ?? "")?.[1];
  if (encoded) return decodeURIComponent(encoded);
  return /filename="([^"]+)"/i.exec(disposition ?? "")?.[1] ?? null;
}
