import type { Decision } from '../../api/requests.js';

export type Step = Decision['steps'][number]['step'];

export const STEP_LABELS: Record<Step, string> = {
  credential: 'The key is known',
  enabled: 'It is enabled',
  expiry: 'It has not expired',
  scope: 'It may do this at all',
  model: 'The model exists',
  rules: 'The rules allow it',
  price: 'Its price is known',
  budget: 'The all-time limit has room',
  period: 'The limit of the period has room',
  credits: 'The account has credits',
  rpm: 'Requests per minute',
  tpm: 'Tokens per minute',
  concurrency: 'Requests at once',
  provider: 'A provider serves it',
};

/** What is changed right here, in a dialog of the key, or where one goes to change it. */
export type Fix =
  | { readonly label: string; readonly dialog: 'enable' | 'edit' }
  | { readonly label: string; readonly to: string };

/** What makes the answer another one. */
export function fixesOf(step: Step, keyId: string): readonly Fix[] {
  const key = (tab: string) => `/keys/${keyId}?tab=${tab}`;
  switch (step) {
    case 'credential':
      return [{ label: 'See the keys there are', to: '/keys?tab=all' }];
    case 'enabled':
      return [{ label: 'Enable the key', dialog: 'enable' }];
    case 'expiry':
      return [{ label: 'Give it a new expiration', dialog: 'enable' }];
    case 'scope':
      return [{ label: 'Change what it may do', dialog: 'edit' }];
    case 'rules':
      return [{ label: 'See the rules', to: key('rules') }];
    case 'budget':
    case 'period':
      return [{ label: 'Raise or reset the limit', to: key('limits') }];
    case 'credits':
      return [{ label: 'Add credit', to: '/settings/credits' }];
    case 'rpm':
    case 'tpm':
    case 'concurrency':
      return [{ label: 'Change the rate limits', to: key('limits') }];
    case 'model':
    case 'price':
      return [{ label: 'See the models and their prices', to: '/models' }];
    case 'provider':
      return [
        { label: 'See the providers', to: '/settings/providers' },
        { label: 'Bring a key of your own', to: '/settings/provider-keys' },
      ];
  }
}
