const EXIT_CODES = { refused: 1, usage: 2, unreachable: 3 };

/** Why a command ends without having done what was asked, in one sentence. */
export class Failure extends Error {
  /** @param {keyof typeof EXIT_CODES} kind @param {string} message */
  constructor(kind, message) {
    super(message);
    this.exitCode = EXIT_CODES[kind];
  }
}
