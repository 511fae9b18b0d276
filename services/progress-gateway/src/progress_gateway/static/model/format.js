/** Numbers, sizes and times as people read them. Pure: the locale is handed over. */

const BYTE_UNITS = ["B", "KB", "MB", "GB", "TB"];
const UNKNOWN = "–";

/** Return 1234567 as "1,234,567"; a dash when unknown. */
export function formatCount(count, locale = "en") {
  return isNumber(count) ? new Intl.NumberFormat(locale).format(Math.round(count)) : UNKNOWN;
}

/** Return an estimate with three digits that mean something: 1001480 is "1,000,000". */
export function formatAbout(count, locale = "en") {
  if (!isNumber(count) || count <= 0) return formatCount(count, locale);
  const step = 10 ** Math.max(0, Math.floor(Math.log10(count)) - 2);
  return formatCount(Math.round(count / step) * step, locale);
}

/** Return a size with three significant digits: "14.2 MB" (1 MB = 1024 KB, as Windows shows it). */
export function formatBytes(sizeBytes, locale = "en") {
  if (!isNumber(sizeBytes)) return UNKNOWN;
  let size = sizeBytes;
  let unit = 0;
  while (size >= 999.5 && unit < BYTE_UNITS.length - 1) {
    size /= 1024;
    unit += 1;
  }
  const digits = unit === 0 || size >= 99.95 ? 0 : size >= 9.995 ? 1 : 2;
  const text = new Intl.NumberFormat(locale, { maximumFractionDigits: digits }).format(size);
  return `${text} ${BYTE_UNITS[unit]}`;
}

/** Return a share of 0 to 100 with one decimal, cut, never rounded up: 99.99 is not "100 %". */
export function formatPercent(percentage, locale = "en") {
  if (!isNumber(percentage)) return UNKNOWN;
  const cut = Math.floor(Math.min(100, Math.max(0, percentage)) * 10 + 1e-9) / 10;
  const digits = cut === 0 || cut === 100 ? 0 : 1;
  const shape = { minimumFractionDigits: digits, maximumFractionDigits: digits };
  return `${new Intl.NumberFormat(locale, shape).format(cut)} %`;
}

/** Return seconds as "4.2 s", "42 s", "3 min 07 s" or "2 h 05 min". */
export function formatDuration(seconds) {
  if (!isNumber(seconds) || seconds < 0) return UNKNOWN;
  if (seconds < 9.95) return `${(Math.round(seconds * 10) / 10).toFixed(1)} s`;
  const whole = Math.round(seconds);
  if (whole < 60) return `${whole} s`;
  if (whole < 3600) return `${Math.floor(whole / 60)} min ${twoDigits(whole % 60)} s`;
  return `${Math.floor(whole / 3600)} h ${twoDigits(Math.floor((whole % 3600) / 60))} min`;
}

/** Return time left in whole seconds, because tenths of a guess only flicker. */
export function formatRemaining(seconds) {
  if (!isNumber(seconds) || seconds < 0) return UNKNOWN;
  return seconds < 10 ? `${Math.max(1, Math.ceil(seconds))} s` : formatDuration(seconds);
}

/** Return the local time of day, "12:03:07". */
export function formatClock(atMs, locale = "en") {
  if (!isNumber(atMs)) return UNKNOWN;
  const shape = { hour: "2-digit", minute: "2-digit", second: "2-digit", hourCycle: "h23" };
  return new Intl.DateTimeFormat(locale, shape).format(atMs);
}

/** Return a moment as a list shows it: today's with the time only. */
export function formatMoment(iso, nowMs, locale = "en") {
  const atMs = Date.parse(iso ?? "");
  if (Number.isNaN(atMs)) return UNKNOWN;
  const isToday = new Date(atMs).toDateString() === new Date(nowMs).toDateString();
  const shape = isToday ? { timeStyle: "short" } : { dateStyle: "medium", timeStyle: "short" };
  return new Intl.DateTimeFormat(locale, shape).format(atMs);
}

function isNumber(value) {
  return typeof value === "number" && Number.isFinite(value);
}

function twoDigits(value) {
  return String(value).padStart(2, "0");
}
