import { AppShell, Burger, Group, ScrollArea } from '@mantine/core';
import { useDisclosure, useReducedMotion } from '@mantine/hooks';
import { useQuery } from '@tanstack/react-query';
import { Outlet, useRouter, useRouterState } from '@tanstack/react-router';
import { useEffect } from 'react';
import { session } from '../api/session.js';
import { Brand } from '../parts/brand.js';
import { Navigation } from './navigation.js';
import { PersonMenu } from './person-menu.js';
import { ProjectMenu } from './project-menu.js';
import styles from './shell.module.css';

/** The frame around every page: where one can go, which project this is about, who one is. */
export function Shell() {
  const [opened, { toggle, close }] = useDisclosure();
  const isCalm = useReducedMotion();
  const { data: here } = useQuery(session);
  const router = useRouter();
  const pathname = useRouterState({ select: (state) => state.location.pathname });

  // It ended while one was reading: signing in brings one back to the same page.
  useEffect(() => {
    if (here === null) void router.navigate({ to: '/sign-in', search: { next: router.state.location.href } });
  }, [here, router]);
  // biome-ignore lint/correctness/useExhaustiveDependencies: the menu closes whenever the page is another one.
  useEffect(close, [pathname]);

  if (!here) return null;
  return (
    <AppShell
      header={{ height: { base: 52, sm: 0 } }}
      navbar={{ width: 232, breakpoint: 'sm', collapsed: { mobile: !opened } }}
      transitionDuration={isCalm ? 0 : 120}
    >
      <a className="skip-link" href="#content">
        Skip to the content
      </a>
      {/* No banner of its own: the sheets that open over it have one. */}
      <AppShell.Header hiddenFrom="sm" px="md" role="none">
        <Group component="nav" aria-label="Menu bar" h="100%" justify="space-between">
          <Brand />
          <Burger opened={opened} onClick={toggle} size="sm" aria-label="Menu" aria-expanded={opened} />
        </Group>
      </AppShell.Header>
      <AppShell.Navbar className={styles.sidebar} p="sm">
        <AppShell.Section visibleFrom="sm" px={8} pt={8} pb="md">
          <Brand />
        </AppShell.Section>
        <AppShell.Section pb="sm">
          <ProjectMenu />
        </AppShell.Section>
        <AppShell.Section grow component={ScrollArea}>
          <Navigation />
        </AppShell.Section>
        <AppShell.Section>
          <PersonMenu member={here.member} />
        </AppShell.Section>
      </AppShell.Navbar>
      <AppShell.Main id="content" tabIndex={-1} className={styles.main}>
        <Outlet />
      </AppShell.Main>
    </AppShell>
  );
}
