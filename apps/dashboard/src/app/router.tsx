import type { QueryClient } from '@tanstack/react-query';
import {
  createRootRouteWithContext,
  createRoute,
  createRouter,
  lazyRouteComponent,
  Outlet,
  redirect,
} from '@tanstack/react-router';
import { session } from '../api/session.js';
import { KEY_TABS } from '../pages/key/key-tabs.js';
import { keySearch } from '../pages/keys/key-search.js';
import { KeysPage } from '../pages/keys/keys-page.js';
import { modelSearch } from '../pages/models/model-search.js';
import { requestSearch } from '../pages/requests/request-search.js';
import { usageSearch } from '../pages/usage/usage-search.js';
import { whySearch } from '../pages/why/why-search.js';
import { addressOf, oneOf, words } from '../parts/address.js';
import { Broken } from './broken.js';
import { NotFound } from './not-found.js';
import { queries } from './queries.js';
import { Shell } from './shell.js';

const signInSearch = addressOf({ next: words(2000) });
const keyTabSearch = addressOf({ tab: oneOf(KEY_TABS) });

const root = createRootRouteWithContext<{ queries: QueryClient }>()({
  component: Outlet,
  errorComponent: Broken,
  notFoundComponent: NotFound,
});

const signIn = createRoute({
  getParentRoute: () => root,
  path: '/sign-in',
  validateSearch: signInSearch,
  beforeLoad: async ({ context }) => {
    if (await context.queries.ensureQueryData(session)) throw redirect({ to: '/keys' });
  },
  component: lazyRouteComponent(() => import('../pages/sign-in/sign-in-page.js'), 'SignInPage'),
});

/** For who was invited and is nobody here yet. */
const join = createRoute({
  getParentRoute: () => root,
  path: '/join',
  component: lazyRouteComponent(() => import('../pages/join/join-page.js'), 'JoinPage'),
});

/** Everything that is for people who have signed in. */
const house = createRoute({
  getParentRoute: () => root,
  id: 'house',
  beforeLoad: async ({ context, location }) => {
    if (await context.queries.ensureQueryData(session)) return;
    throw redirect({ to: '/sign-in', search: location.pathname === '/' ? {} : { next: location.href } });
  },
  component: Shell,
});

const home = createRoute({
  getParentRoute: () => house,
  path: '/',
  beforeLoad: () => {
    throw redirect({ to: '/keys' });
  },
});

const keys = createRoute({
  getParentRoute: () => house,
  path: '/keys',
  validateSearch: keySearch,
  component: KeysPage,
});

const key = createRoute({
  getParentRoute: () => house,
  path: '/keys/$keyId',
  validateSearch: keyTabSearch,
  component: lazyRouteComponent(() => import('../pages/key/key-page.js'), 'KeyPage'),
});

const models = createRoute({
  getParentRoute: () => house,
  path: '/models',
  validateSearch: modelSearch,
  component: lazyRouteComponent(() => import('../pages/models/models-page.js'), 'ModelsPage'),
});

const requests = createRoute({
  getParentRoute: () => house,
  path: '/requests',
  validateSearch: requestSearch,
  component: lazyRouteComponent(() => import('../pages/requests/requests-page.js'), 'RequestsPage'),
});

const why = createRoute({
  getParentRoute: () => house,
  path: '/why',
  validateSearch: whySearch,
  component: lazyRouteComponent(() => import('../pages/why/why-page.js'), 'WhyPage'),
});

const usage = createRoute({
  getParentRoute: () => house,
  path: '/usage',
  validateSearch: usageSearch,
  component: lazyRouteComponent(() => import('../pages/usage/usage-page.js'), 'UsagePage'),
});

const settingsHome = createRoute({
  getParentRoute: () => house,
  path: '/settings',
  beforeLoad: () => {
    throw redirect({ to: '/settings/$section', params: { section: 'organization' } });
  },
});

const settings = createRoute({
  getParentRoute: () => house,
  path: '/settings/$section',
  component: lazyRouteComponent(() => import('../pages/settings/settings-page.js'), 'SettingsPage'),
});

export const router = createRouter({
  routeTree: root.addChildren([
    signIn,
    join,
    house.addChildren([home, keys, key, usage, requests, why, models, settingsHome, settings]),
  ]),
  context: { queries },
  defaultPreload: false,
  scrollRestoration: true,
});

declare module '@tanstack/react-router' {
  interface Register {
    router: typeof router;
  }
}
