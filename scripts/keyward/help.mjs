import { EVERYWHERE } from './arguments.mjs';

/** Every command, or every command of one group. */
export function overview(commands, group) {
  const chosen = group === undefined ? commands : { [group]: commands[group] };
  const lines = Object.entries(chosen).flatMap(([name, command]) =>
    command.run
      ? [[name, command.summary]]
      : Object.entries(command).map(([verb, { summary }]) => [`${name} ${verb}`, summary]),
  );
  return `${[
    'keyward <command> [options]',
    '',
    ...columns(lines),
    '',
    'keyward <command> --help tells more of each. Credentials: KEYWARD_API_KEY, or KEYWARD_EMAIL and KEYWARD_PASSWORD,',
    'or the session of keyward login, or the owner of the Keyward that npm start runs here.',
    'It ends with 0: done, 1: refused, 2: the command line is wrong, 3: nobody answers.',
  ].join('\n')}\n`;
}

export function helpOf(path, { summary, words = [], options = {} }) {
  const usage = ['keyward', ...path, ...words.map((name) => `<${name}>`), '[options]'].join(' ');
  return `${[usage, '', summary, '', ...flags(options), '', 'Everywhere:', ...flags(EVERYWHERE)].join('\n')}\n`;
}

function flags(options) {
  return columns(
    Object.entries(options).map(([name, { value, short, help, multiple, required }]) => [
      `${short ? `-${short}, ` : ''}--${name}${value ? ` <${value}>` : ''}`,
      `${help}${multiple ? '; may be given several times' : ''}${required ? ' (needed)' : ''}`,
    ]),
  );
}

function columns(rows) {
  const width = Math.max(0, ...rows.map(([left]) => left.length));
  return rows.map(([left, right]) => `  ${left.padEnd(width)}  ${right}`);
}
