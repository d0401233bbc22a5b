import { closeSync, openSync, rmSync, writeSync } from 'node:fs';
import { Failure } from './failure.mjs';
import { table } from './table.mjs';

/** The option of every command that makes a secret. */
export const OUTPUT_FILE = {
  'output-file': {
    type: 'string',
    value: 'path',
    help: 'write the secret there, to a new file that only you can read',
  },
};

/**
 * Where words go: what was asked for to standard output, everything beside it to standard error.
 * @param {{ json?: boolean, quiet?: boolean, 'output-file'?: string }} values
 */
export function openOutput(values) {
  const { json = false, quiet = false, 'output-file': path } = values;
  // Opened before anything is made: a secret that cannot be written down would be lost.
  const file = path === undefined ? undefined : createFile(path);
  let written = false;

  const note = (text) => {
    if (!quiet && !json) process.stderr.write(`${text}\n`);
  };
  const show = (answer, rows) => process.stdout.write(json ? `${JSON.stringify(answer, null, 2)}\n` : rows());

  return {
    note,
    /** Something with fields of its own. */
    one(answer, fields) {
      show(answer, () => (quiet ? `${answer.id ?? ''}\n` : table(Object.entries(fields(answer)))));
    },
    /** A page of many. */
    many(answer, items, columns) {
      show(answer, () =>
        quiet
          ? items.map((item) => `${item.id ?? item.seq}\n`).join('')
          : table([Object.keys(columns), ...items.map((item) => Object.values(columns).map((read) => read(item)))]),
      );
    },
    done(answer, sentence) {
      if (json) show(answer, () => '');
      else note(sentence);
    },
    /** Something that was made, and its secret: that one alone on its line, so that `KEY=$(keyward …)` holds nothing else. */
    withSecret(answer, name, fields) {
      const { [name]: secret, ...rest } = answer;
      if (json) show(file === undefined ? answer : rest, () => '');
      else note(table(Object.entries(fields(rest))).trimEnd());
      if (secret === undefined) {
        if (!json)
          throw new Failure('refused', 'this was done before, and its secret was shown then: it is not shown again');
        return;
      }
      if (file !== undefined) {
        writeSync(file, `${secret}\n`);
        written = true;
        note(`The secret is in ${path}.`);
      } else if (!json) {
        note('The secret, shown this once:');
        process.stdout.write(`${secret}\n`);
      }
    },
    close() {
      if (file === undefined) return;
      closeSync(file);
      if (!written) rmSync(path, { force: true });
    },
  };
}

function createFile(path) {
  try {
    return openSync(path, 'wx', 0o600);
  } catch (error) {
    const why = error.code === 'EEXIST' ? 'it is there already' : error.code;
    throw new Failure('usage', `the file ${path} cannot be made: ${why}`);
  }
}
