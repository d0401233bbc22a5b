import type { Decision } from '../../api/requests.js';

type Step = Decision['steps'][number]['step'];

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
};

interface Fix {
  readonly label: string;
  readonly to: string;
}

/** Where one goes to make the answer another one. */
export function fixOf(step: Step, keyId: string): Fix | null {
  const key = (tab: string) => `/keys/${keyId}?tab=${tab}`;
  switch (step) {
    case 'enabled':
      return { label: 'Enable the key', to: `/keys/${keyId}` };
    case 'expiry':
      return { label: 'Give it a new expiration', to: `/keys/${keyId}` };
    case 'rules':
      return { label: 'See the rules', to: key('rules') };
    case 'budget':
    case 'period':
      return { label: 'Raise or reset the limit', to: key('limits') };
    case 'credits':
      return { label: 'Add credit', to: '/settings/credits' };
    case 'rpm':
    case 'tpm':
    case 'concurrency':
      return { label: 'Change the rate limits', to: key('limits') };
    case 'model':
      return { label: 'See the models there are', to: '/models' };
    default:
      return null;
  }
}
