export const KEY_TABS = ['overview', 'limits', 'rules', 'requests', 'history'] as const;

export function KeyPage() {
  return null;
}
