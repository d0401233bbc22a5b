import { Failure } from './failure.mjs';

/** What is typed in a terminal, in the words of the API. */
const UNITS = { m: 'minutes', min: 'minutes', h: 'hours', d: 'days' };

/** `7d`, `12h`, `30m`; `0` is now. @param {string | undefined} text @param {string} flag */
export function duration(text, flag) {
  if (text === undefined) return undefined;
  if (text === '0') return { value: 0, unit: 'minutes' };
  const [, value, unit = ''] = /^(\d{1,7})(m|min|h|d)$/.exec(text) ?? [];
  if (!value) throw new Failure('usage', `--${flag} must be like 30m, 12h or 7d`);
  return { value: Number(value), unit: UNITS[unit] };
}

const MINUTES = { minutes: 1, hours: 60, days: 1440 };

/** A change of a key takes a moment, not a duration. @param {{ value: number, unit: string }} duration */
export function fromNow({ value, unit }) {
  return new Date(Date.now() + value * MINUTES[unit] * 60_000).toISOString();
}

/** `10/1day`, `500/1month`, `1.50/6hours`. @param {string | undefined} text */
export function recurring(text) {
  if (text === undefined || text === 'none') return text && null;
  const [, amount, every, unit] = /^(\d+(?:\.\d+)?)\/(\d{1,4})\s*(hour|day|week|month)s?$/.exec(text) ?? [];
  if (!amount) throw new Failure('usage', '--recurring must be like 10/1day or 500/1month, or none');
  return { amount, every: Number(every), unit };
}

/** `10.50`, or `none`. @param {string | undefined} text @param {string} flag */
export function money(text, flag) {
  if (text === undefined || text === 'none') return text && null;
  if (!/^\d+(?:\.\d+)?$/.test(text)) throw new Failure('usage', `--${flag} must be an amount like 10.50, or none`);
  return text;
}

/** `100`, or `none`. @param {string | undefined} text @param {string} flag */
export function count(text, flag) {
  if (text === undefined || text === 'none') return text && null;
  if (!/^\d{1,12}$/.test(text)) throw new Failure('usage', `--${flag} must be a whole number, or none`);
  return Number(text);
}

/** `--tag team=search --tag env=prod`; `--untag team`. @param {string[]} [set] @param {string[]} [unset] */
export function tags(set = [], unset = []) {
  if (set.length + unset.length === 0) return undefined;
  const pairs = set.map((text) => {
    const at = text.indexOf('=');
    if (at < 1) throw new Failure('usage', '--tag must be like name=value');
    return [text.slice(0, at), text.slice(at + 1)];
  });
  return Object.fromEntries([...pairs, ...unset.map((name) => [name, null])]);
}

/** Ids go into paths; a secret there would stand in every log. @param {string} text @param {string} prefix */
export function id(text, prefix) {
  if (!new RegExp(`^${prefix}_[0-9A-HJKMNP-TV-Z]{26}$`).test(text))
    throw new Failure('usage', `this takes an id that begins with ${prefix}_`);
  return text;
}

/** Only what was said. @param {Record<string, unknown>} fields */
export function given(fields) {
  return Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== undefined));
}
