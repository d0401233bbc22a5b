import { createInterface } from 'node:readline';
import { Failure } from './failure.mjs';

/** One line of standard input, or of the terminal. @param {string} question */
export async function askLine(question, { stdin, stderr } = process) {
  const lines = createInterface({ input: stdin, output: stdin.isTTY ? stderr : undefined, terminal: stdin.isTTY });
  try {
    if (stdin.isTTY) return await new Promise((resolve) => lines.question(question, resolve));
    for await (const line of lines) return line;
    return '';
  } finally {
    lines.close();
  }
}

/** The same, and what is typed is not shown. @param {string} question */
export async function askPassword(question, { stdin, stderr } = process) {
  if (!stdin.isTTY) return askLine(question, { stdin, stderr });
  // Silent before it asks: who types ahead is not shown either.
  stdin.setRawMode(true);
  stdin.setEncoding('utf8');
  stderr.write(question);
  try {
    return await readHidden(stdin);
  } finally {
    stdin.pause();
    stdin.setRawMode(false);
    stderr.write('\n');
  }
}

const ENTER = ['\r', '\n', '\u0004'];
const BACKSPACE = ['\b', '\u007f'];
const CTRL_C = '\u0003';

function readHidden(stdin) {
  return new Promise((resolve, reject) => {
    let typed = '';
    const hear = (text) => {
      for (const letter of text) {
        if (letter === CTRL_C) return end(() => reject(new Failure('usage', 'no password was given')));
        if (ENTER.includes(letter)) return end(() => resolve(typed));
        typed = BACKSPACE.includes(letter) ? [...typed].slice(0, -1).join('') : typed + letter;
      }
    };
    const end = (settle) => {
      stdin.off('data', hear);
      settle();
    };
    stdin.on('data', hear);
    // The question before this one has paused it, and nothing but this keeps the command alive.
    stdin.resume();
  });
}
