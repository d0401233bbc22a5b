import { type CSSVariablesResolver, createTheme, type MantineColorsTuple } from '@mantine/core';

const iris: MantineColorsTuple = [
  '#eef0ff',
  '#dcdffb',
  '#b6bdf2',
  '#8f99ea',
  '#6d7ae3',
  '#5766df',
  '#4a5bdd',
  '#3c4cc5',
  '#3343b1',
  '#28399d',
];
const gray: MantineColorsTuple = [
  '#f8f9fb',
  '#f1f3f6',
  '#e6e9ee',
  '#d8dce3',
  '#c0c6d0',
  '#9aa2b1',
  '#737d8e',
  '#555e6e',
  '#363d4a',
  '#1d222c',
];
const dark: MantineColorsTuple = [
  '#d5d9e2',
  '#b4bac7',
  '#98a0b0',
  '#6c7587',
  '#3b4252',
  '#2a303c',
  '#1f242e',
  '#171b23',
  '#12151b',
  '#0c0e13',
];

/** The head of a dialog is not the page’s: with one dialog over another there would be two of those. */
const HEADED = { header: { role: 'presentation' } };
const TITLED = { title: { fontWeight: 600, fontSize: 'var(--mantine-font-size-lg)' } };

export const theme = createTheme({
  colors: { iris, gray, dark },
  primaryColor: 'iris',
  primaryShade: { light: 7, dark: 5 },
  autoContrast: true,
  defaultRadius: 'md',
  fontFamily:
    'Inter, "Segoe UI Variable", "Segoe UI", -apple-system, BlinkMacSystemFont, Roboto, "Noto Sans", "DejaVu Sans", sans-serif',
  fontFamilyMonospace: 'ui-monospace, "JetBrains Mono", "SF Mono", Menlo, Consolas, "DejaVu Sans Mono", monospace',
  fontSizes: { xs: '0.75rem', sm: '0.8125rem', md: '0.875rem', lg: '1rem', xl: '1.125rem' },
  headings: { fontWeight: '600' },
  cursorType: 'pointer',
  respectReducedMotion: true,
  // By name and not by import: a page that has no such field need not load it.
  components: {
    // The colour is in the frame and the icon; the words are to be read.
    Alert: { styles: { label: { color: 'var(--mantine-color-text)' } } },
    Drawer: {
      defaultProps: { position: 'right', closeButtonProps: { 'aria-label': 'Close' }, attributes: HEADED },
      styles: TITLED,
    },
    Modal: {
      defaultProps: { centered: true, closeButtonProps: { 'aria-label': 'Close' }, attributes: HEADED },
      styles: TITLED,
    },
    Menu: { defaultProps: { shadow: 'md', position: 'bottom-end' } },
    Notification: { defaultProps: { closeButtonProps: { 'aria-label': 'Close' } } },
    // What is typed stays as it is, right or wrong: a field that mends itself moves what is about to be clicked.
    NumberInput: { defaultProps: { hideControls: true, clampBehavior: 'none' } },
    Paper: { defaultProps: { withBorder: true } },
    Popover: { defaultProps: { shadow: 'md' } },
    Select: { defaultProps: { allowDeselect: false, checkIconPosition: 'right' } },
    TextInput: { defaultProps: { autoComplete: 'off' } },
    Tooltip: {
      defaultProps: { withArrow: true, openDelay: 300, events: { hover: true, focus: true, touch: true } },
    },
  },
});

/** Mantine's own greys for what is less important are too pale to read: these keep 4.5 : 1. */
export const variables: CSSVariablesResolver = () => ({
  variables: {},
  light: {
    '--mantine-color-dimmed': gray[7],
    '--mantine-color-placeholder': gray[6],
    '--mantine-color-body': '#ffffff',
    '--mantine-color-text': gray[9],
    '--mantine-color-error': '#c92a2a',
    '--keyward-sidebar': gray[0],
    '--keyward-line': gray[2],
    '--keyward-row': gray[0],
  },
  dark: {
    '--mantine-color-dimmed': dark[2],
    '--mantine-color-placeholder': dark[2],
    '--mantine-color-body': dark[7],
    '--mantine-color-error': '#ff8787',
    '--keyward-sidebar': dark[8],
    '--keyward-line': dark[5],
    '--keyward-row': dark[6],
  },
});
