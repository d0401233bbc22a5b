/** What a step of a decision knew, as lines for people to read. */
export function linesOf(detail: Readonly<Record<string, unknown>>): string[] {
  const { limits, asked, ...others } = detail;
  const lists = [
    ...(Array.isArray(limits) ? limits.map(limitLine) : []),
    ...(Array.isArray(asked) ? asked.map(ruleLine) : []),
  ];
  // The steps say by themselves what they came to.
  const facts = Object.entries(Array.isArray(asked) ? others : { asked, ...others })
    .filter(([name, value]) => name !== 'code' && written(value) !== '')
    .map(([name, value]) => `${name.replaceAll('_', ' ')}: ${written(value)}`);
  return facts.length === 0 ? lists : [...lists, facts.join(' · ')];
}

type Facts = Readonly<Record<string, unknown>>;

/** “budget: 0.000009 needed, 0.000001 left of 0.000001”. */
function limitLine(limit: unknown): string {
  const { limit: name, needed, remaining, limit_value, reserved, resets_at } = limit as Facts;
  const held = isNothing(reserved) ? '' : `, ${reserved} of it reserved`;
  const reset = typeof resets_at === 'string' ? `; resets ${MOMENT.format(Date.parse(resets_at))}` : '';
  const wanted = needed === undefined ? '' : `${needed} needed, `;
  return `${String(name).replaceAll('_', ' ')}: ${wanted}${remaining} left of ${limit_value}${held}${reset}`;
}

/** “key, models: 1 of 3 ways left”: one round of rules. */
function ruleLine(round: unknown): string {
  const { level, subject, result, before, after } = round as Facts;
  const left = result === 'fail' ? 'nothing is left' : `${after} of ${before} ways left`;
  return `${level}, ${subject}: ${before === after ? 'passed' : left}`;
}

const MOMENT = new Intl.DateTimeFormat('en', { dateStyle: 'medium', timeStyle: 'short' });

function isNothing(amount: unknown): boolean {
  return Number(amount ?? 0) === 0;
}

function written(value: unknown): string {
  if (value === null || value === undefined) return '';
  if (Array.isArray(value)) return value.map(written).join(', ');
  if (typeof value === 'boolean') return value ? 'yes' : 'no';
  if (typeof value !== 'object') return String(value);
  return Object.entries(value)
    .map(([name, of]) => `${name.replaceAll('_', ' ')} ${written(of)}`)
    .join(', ');
}
