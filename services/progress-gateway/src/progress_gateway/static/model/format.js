/** Numbers, sizes and times as people read them. Pure: the locale is handed over. */

const BYTE_UNITS = ["B", "KB", "MB", "GB", "TB"];
const UNKNOWN = "–";

/** Return 1234567 as "1,234,567"; a dash when unknown. */
export function formatCount(count, locale) {
  return isNumber(count) ? numbers(locale).format(Math.round(count)) : UNKNOWN;
}

/** Return an estimate with three digits that mean something: 1001480 is "1,000,000". */
export function formatAbout(count, locale) {
  if (!isNumber(count) || count <= 0) return formatCount(count, locale);
  const step = 10 ** Math.max(0, Math.floor(Math.log10(count)) - 2);
  return formatCount(Math.round(count / step) * step, locale);
}

/** Return a size with three significant digits: "14.2 MB" (1 MB = 1024 KB, as Windows shows it). */
export function formatBytes(sizeBytes, locale) {
  if (!isNumber(sizeBytes)) return UNKNOWN;
  let size = sizeBytes;
  let unit = 0;
  while (size >= 999.5 && unit < BYTE_UNITS.length - 1) {
    size /= 1024;
    unit += 1;
  }
  const digits = unit === 0 || size >= 99.95 ? 0 : size >= 9.995 ? 1 : 2;
  const text = numbers(locale, { maximumFractionDigits: digits }).format(size);
  return `${text} ${BYTE_UNITS[unit]}`;
}

/** Return a share of 0 to 100 with one decimal, cut, never rounded up: 99.99 is not "100%". */
export function formatPercent(percentage, locale) {
  if (!isNumber(percentage)) return UNKNOWN;
  const cut = Math.floor(Math.min(100, Math.max(0, percentage)) * 10 + 1e-9) / 10;
  const digits = cut === 0 || cut === 100 ? 0 : 1;
  const shape = { style: "percent", minimumFractionDigits: digits, maximumFractionDigits: digits };
  return numbers(locale, shape).format(cut / 100);
}

/** Return seconds as "4.2 sec", "42 sec", "3 min 07 sec" or "2 hr 05 min". */
export function formatDuration(seconds, locale) {
  if (!isNumber(seconds) || seconds < 0) return UNKNOWN;
  const whole = Math.round(seconds);
  if (seconds < 9.95) return unit(seconds, "second", locale, { minimumFractionDigits: 1 });
  if (whole < 60) return unit(whole, "second", locale);
  const two = { minimumIntegerDigits: 2 };
  const minutes = Math.floor(whole / 60);
  const parts = whole < 3600
    ? [unit(minutes, "minute", locale), unit(whole % 60, "second", locale, two)]
    : [unit(Math.floor(minutes / 60), "hour", locale), unit(minutes % 60, "minute", locale, two)];
  return parts.join(" ");
}

/** Return time left in whole seconds, because tenths of a guess only flicker. */
export function formatRemaining(seconds, locale) {
  if (!isNumber(seconds) || seconds < 0) return UNKNOWN;
  const whole = Math.max(1, Math.ceil(seconds));
  return whole < 10 ? unit(whole, "second", locale) : formatDuration(seconds, locale);
}

/** Return the local time of day, "12:03:07". */
export function formatClock(atMs, locale) {
  if (!isNumber(atMs)) return UNKNOWN;
  const shape = { hour: "2-digit", minute: "2-digit", second: "2-digit", hourCycle: "h23" };
  return moments(locale, shape).format(atMs);
}

/** Return a moment as a list shows it: today's with the time only. */
export function formatMoment(iso, nowMs, locale) {
  const atMs = Date.parse(iso ?? "");
  if (Number.isNaN(atMs)) return UNKNOWN;
  const isToday = new Date(atMs).toDateString() === new Date(nowMs).toDateString();
  const shape = isToday ? { timeStyle: "short" } : { dateStyle: "medium", timeStyle: "short" };
  return moments(locale, shape).format(atMs);
}

function isNumber(value) {
  return typeof value === "number" && Number.isFinite(value);
}

function unit(value, name, locale, shape = {}) {
  const digits = { maximumFractionDigits: shape.minimumFractionDigits ?? 0, ...shape };
  return numbers(locale, { style: "unit", unit: name, unitDisplay: "short", ...digits }).format(value);
}

// Making one of Intl's formats takes longer than a hundred uses of it
const made = new Map();

function numbers(locale, shape = {}) {
  return kept("number", locale, shape, () => new Intl.NumberFormat(locale, shape));
}

function moments(locale, shape) {
  return kept("moment", locale, shape, () => new Intl.DateTimeFormat(locale, shape));
}

function kept(kind, locale, shape, make) {
  if (!locale) throw new Error("a text needs its language");
  const key = `${kind} ${locale} ${JSON.stringify(shape)}`;
  if (!made.has(key)) made.set(key, make());
  return made.get(key);
}
