import type { QueryClient } from '@tanstack/react-query';
import {
  createRootRouteWithContext,
  createRoute,
  createRouter,
  lazyRouteComponent,
  Outlet,
  redirect,
} from '@tanstack/react-router';
import * as z from 'zod/mini';
import { session } from '../api/session.js';
import { KEY_TABS } from '../pages/key/key-tabs.js';
import { keySearch } from '../pages/keys/key-search.js';
import { KeysPage } from '../pages/keys/keys-page.js';
import { orNone } from '../parts/or-none.js';
import { Broken } from './broken.js';
import { NotFound } from './not-found.js';
import { queries } from './queries.js';
import { Shell } from './shell.js';

const root = createRootRouteWithContext<{ queries: QueryClient }>()({
  component: Outlet,
  errorComponent: Broken,
  notFoundComponent: NotFound,
});

const signIn = createRoute({
  getParentRoute: () => root,
  path: '/sign-in',
  validateSearch: z.object({ next: orNone(z.string()) }),
  beforeLoad: async ({ context }) => {
    if (await context.queries.ensureQueryData(session)) throw redirect({ to: '/keys' });
  },
  component: lazyRouteComponent(() => import('../pages/sign-in/sign-in-page.js'), 'SignInPage'),
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
  validateSearch: z.object({ tab: orNone(z.enum(KEY_TABS)) }),
  component: lazyRouteComponent(() => import('../pages/key/key-page.js'), 'KeyPage'),
});

export const router = createRouter({
  routeTree: root.addChildren([signIn, house.addChildren([home, keys, key])]),
  context: { queries },
  defaultPreload: false,
  scrollRestoration: true,
});

declare module '@tanstack/react-router' {
  interface Register {
    router: typeof router;
  }
}
