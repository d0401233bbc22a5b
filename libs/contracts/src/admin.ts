import { z } from 'zod';
import { email, moment } from './fields.js';
import { member } from './people.js';

/** The bodies of the admin API: what `/api` takes and gives. */
export const SignIn = z.strictObject({ email, password: z.string().min(1).max(1024) }).meta({ id: 'SignIn' });

export const Session = z.object({ member, expires_at: moment }).meta({ id: 'Session' });
