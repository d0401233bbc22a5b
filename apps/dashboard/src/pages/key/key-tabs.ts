export const KEY_TABS = ['overview', 'limits', 'rules', 'requests', 'history'] as const;
export type KeyTab = (typeof KEY_TABS)[number];
