import { z } from 'zod';

/** There is no host to set: who has no account must not be able to open an AI provider to the network by accident. */
export const LOOPBACK = '127.0.0.1';

export const ECHO_SETTINGS = {
  KEYWARD_ECHO_PORT: z.coerce
    .number()
    .int()
    .min(0)
    .max(65_535)
    .default(0)
    .describe('Development only: the loopback port of the built-in provider `echo`; 0 takes any free one.'),
  KEYWARD_ECHO_PACE_MILLISECONDS: z.coerce
    .number()
    .int()
    .min(0)
    .max(10_000)
    .default(5)
    .describe('Development only: how long `echo` waits before each token it streams.'),
};
