/** Which errors are shown: the filter, and the place in a list that the server gives page by page. */

export const PAGE_SIZE = 20;
export const ANY = Object.freeze({ column: null, code: null });

/** The first page; `filter` is `{column, code}`, null for any; the column "" is the whole row. */
export function firstPage(filter = ANY) {
  return { filter, cursors: [null], total: null, stored: null, truncated: false, next: null };
}

/** Return the place with what the server answered; counts come with the first page only. */
export function withAnswer(place, { nextCursor, totalErrors, storedErrors, truncated }) {
  const counts = totalErrors === null || totalErrors === undefined
    ? {}
    : { total: totalErrors, stored: storedErrors, truncated };
  return { ...place, ...counts, next: nextCursor ?? null };
}

/** Return the cursor that the page is asked for with. */
export function cursorOf(place) {
  return place.cursors.at(-1);
}

/** The page behind this one; the same when there is none. */
export function pageBehind(place) {
  return place.next === null ? place : { ...place, cursors: [...place.cursors, place.next], next: null };
}

/** The page before this one; the same when it is the first. */
export function pageBefore(place) {
  return place.cursors.length === 1 ? place : { ...place, cursors: place.cursors.slice(0, -1) };
}

/** Return the numbers `{first, last, count}` of the errors that a page of so many shows. */
export function rangeOf(place, shown) {
  const first = (place.cursors.length - 1) * PAGE_SIZE + 1;
  return { first: shown ? first : 0, last: first + shown - 1, count: place.stored ?? shown };
}

/** Tell whether two filters choose the same errors. */
export function isSame(one, other) {
  return one.column === other.column && one.code === other.code;
}

/** Return what can be filtered by: `{columns: [{letter, header}], codes: [code]}` of a summary. */
export function choicesOf(kinds) {
  const columns = new Map();
  for (const { column, header, field } of kinds) {
    const letter = column ?? "";
    if (!columns.has(letter)) columns.set(letter, { letter, header: header ?? (letter ? field : null) });
  }
  const order = (letter) => letter.padStart(4, " ");
  return {
    columns: [...columns.values()].sort((one, other) => (order(one.letter) < order(other.letter) ? -1 : 1)),
    codes: [...new Set(kinds.map(({ code }) => code))].sort(),
  };
}
