import { type KeyState, STATE_LABELS } from '../pages/keys/key-state.js';
import { Badge } from './badge.js';

const TONES = {
  disabled: 'off',
  expired: 'off',
  limit_reached: 'bad',
  near_limit: 'warning',
  expires_soon: 'warning',
  rotating: 'busy',
  active: 'good',
} as const satisfies Record<KeyState, string>;

export function StatusBadge({ state }: { readonly state: KeyState }) {
  return <Badge tone={TONES[state]}>{STATE_LABELS[state]}</Badge>;
}
