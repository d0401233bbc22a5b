import { say } from './say.mjs';

const LIMIT_MS = 15_000;
/** npm passes a Ctrl-C on that the terminal has sent us already: that second one is not the user's. */
const ECHO_MS = 500;
const LOOK_MS = 300;

/**
 * Ctrl-C, SIGTERM and a closed terminal stop everything; a second one, or 15 seconds, ends the waiting.
 * @param {() => Promise<void>} stopAll
 */
export function onStop(stopAll) {
  /** @type {number | undefined} */
  let since;
  /** @type {(() => void)[]} */
  const lastResorts = [];

  /** @param {number} code */
  function stop(code) {
    if (since !== undefined) return;
    since = Date.now();
    setTimeout(() => {
      say(`Not everything stopped within ${LIMIT_MS / 1000} s; ending it.`);
      process.exit(1);
    }, LIMIT_MS).unref();
    stopAll().then(
      () => process.exit(code),
      (error) => {
        say(`Did not stop cleanly: ${error.message}`);
        process.exit(1);
      },
    );
  }

  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) {
    process.on(signal, () => {
      if (since === undefined) {
        say('\nStopping …');
        stop(0);
      } else if (Date.now() - since > ECHO_MS) {
        process.exit(1);
      }
    });
  }

  /** Says what went wrong and stops everything. @param {Error} error */
  function fail(error) {
    // What breaks while we stop is a consequence of stopping.
    if (since !== undefined) return;
    say(process.env.KEYWARD_DEBUG ? (error.stack ?? error.message) : error.message);
    stop(1);
  }

  // The servers do not end with us by themselves, so however this process ends, they have to be told.
  process.on('uncaughtException', fail);
  process.on('exit', () => {
    for (const kill of lastResorts) kill();
  });

  // `kill` on npm ends the shell between it and us, and we would go on with nobody to stop us.
  if (process.env.npm_lifecycle_event) {
    const parent = process.ppid;
    const look = () => process.ppid !== parent && since === undefined && stop(0);
    setInterval(look, LOOK_MS).unref();
  }

  return {
    fail,
    /** What to do when there is no time left. @param {() => void} kill */
    lastResort: (kill) => void lastResorts.push(kill),
  };
}
