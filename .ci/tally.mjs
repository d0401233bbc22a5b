/**
 * What the test runs came to: `node tally.mjs failed FIRST` names the files that failed, `node tally.mjs count FIRST [SECOND]` counts,
 * with the second run of a file in place of its first.
 */
import { readFileSync } from 'node:fs';

const [what, ...files] = process.argv.slice(2);
/** @param {string} file @returns {{ name: string, status: string, assertionResults: { status: string }[] }[]} */
const suitesIn = (file) => {
  const text = readFileSync(file, 'utf8');
  return text ? JSON.parse(text).testResults : [];
};
const runs = files.map(suitesIn);

if (what === 'failed')
  for (const { name, status } of runs[0] ?? []) if (status !== 'passed') process.stdout.write(`${name}\n`);
if (what === 'count') {
  const suites = [...new Map(runs.flat().map((suite) => [suite.name, suite])).values()];
  const of = (/** @type {string} */ status) =>
    suites.flatMap((suite) => suite.assertionResults).filter((result) => result.status === status).length;
  // A file that could not even be loaded, or whose set-up failed, counts as one failure.
  const unread = suites.filter(
    ({ status, assertionResults }) =>
      status !== 'passed' && assertionResults.every((result) => result.status !== 'failed'),
  ).length;
  const [passed, failed] = [of('passed'), of('failed') + unread + (suites.length === 0 ? 1 : 0)];
  process.stdout.write(`${passed} passed, ${failed} failed\n`);
  process.exitCode = failed > 0 || passed === 0 ? 1 : 0;
}
