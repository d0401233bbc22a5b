import { NavLink } from '@mantine/core';
import { Link } from '@tanstack/react-router';
import type { ComponentType } from 'react';
import { IconChartBar, IconHelpCircle, IconKey, IconListDetails, IconSettings, IconStack2 } from '../parts/icons.js';
import styles from './shell.module.css';

interface Place {
  readonly to: '/keys' | '/usage' | '/requests' | '/why' | '/models' | '/settings';
  readonly label: string;
  readonly icon: ComponentType<{ size?: number; stroke?: number }>;
}

const PLACES: readonly Place[] = [
  { to: '/keys', label: 'API Keys', icon: IconKey },
  { to: '/usage', label: 'Usage', icon: IconChartBar },
  { to: '/requests', label: 'Requests', icon: IconListDetails },
  { to: '/why', label: 'Why denied?', icon: IconHelpCircle },
  { to: '/models', label: 'Models', icon: IconStack2 },
  { to: '/settings', label: 'Settings', icon: IconSettings },
];

export function Navigation() {
  return (
    <nav aria-label="Main">
      {PLACES.map(({ to, label, icon: Icon }) => (
        <NavLink
          key={label}
          component={Link}
          to={to}
          label={label}
          className={styles.link}
          leftSection={<Icon size={18} stroke={1.7} />}
        />
      ))}
    </nav>
  );
}
