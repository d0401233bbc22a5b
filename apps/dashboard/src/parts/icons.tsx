import type { SVGProps } from 'react';

interface IconProps extends Omit<SVGProps<SVGSVGElement>, 'stroke'> {
  readonly size?: number;
  /** How thick its lines are, on a grid of 24. */
  readonly stroke?: number;
}

/** Lines on a grid of 24 by 24, in the colour of the text around them. What they mean is said beside them in words. */
function drawn(...lines: readonly string[]) {
  return function Icon({ size = 24, stroke = 2, ...others }: IconProps) {
    return (
      <svg
        width={size}
        height={size}
        viewBox="0 0 24 24"
        fill="none"
        stroke="currentColor"
        strokeWidth={stroke}
        strokeLinecap="round"
        strokeLinejoin="round"
        aria-hidden="true"
        {...others}
      >
        {lines.map((line) => (
          <path key={line} d={line} />
        ))}
      </svg>
    );
  };
}

const CIRCLE = 'M20.5 12a8.5 8.5 0 1 1-17 0 8.5 8.5 0 0 1 17 0z';
const CLOCK = ['M20.4 10.7A8.5 8.5 0 1 0 12.6 20.5', 'M12 7.5V12l2.5 1.5'];
const GLASS = 'M17 10.5a6.5 6.5 0 1 1-13 0 6.5 6.5 0 0 1 13 0z';
const PERSON = ['M12.5 8a3.5 3.5 0 1 1-7 0 3.5 3.5 0 0 1 7 0z'];
const SHIELD = 'M12 3.5l7 2.5v5.5c0 4.3-2.8 7.5-7 9-4.2-1.5-7-4.7-7-9V6z';

export const IconAdjustments = drawn(
  'M6 4v6.5M6 15.5V20',
  'M12 4v1.5M12 10.5V20',
  'M18 4v8.5M18 17.5V20',
  'M8 13a2 2 0 1 1-4 0 2 2 0 0 1 4 0z',
  'M14 8a2 2 0 1 1-4 0 2 2 0 0 1 4 0z',
  'M20 15a2 2 0 1 1-4 0 2 2 0 0 1 4 0z',
);
export const IconAlertCircle = drawn(CIRCLE, 'M12 7.8v4.7', 'M12 16v.1');
export const IconAlertTriangle = drawn(
  'M12 4.2L3.3 19a1 1 0 0 0 .9 1.5h15.6a1 1 0 0 0 .9-1.5z',
  'M12 10v4',
  'M12 17.2v.1',
);
export const IconArrowDown = drawn('M12 5v14', 'M6.5 13.5L12 19l5.5-5.5');
export const IconArrowUp = drawn('M12 19V5', 'M6.5 10.5L12 5l5.5 5.5');
export const IconArrowsSort = drawn('M8 19V5', 'M4.5 8.5L8 5l3.5 3.5', 'M16 5v14', 'M12.5 15.5L16 19l3.5-3.5');
export const IconBook = drawn(
  'M12 6.5C10 5 7.5 4.7 4 5v13.5c3.5-.3 6 0 8 1.5 2-1.5 4.5-1.8 8-1.5V5c-3.5-.3-6 0-8 1.5z',
  'M12 6.5V20',
);
export const IconChartBar = drawn('M4 20h16', 'M6 20v-7h3v7', 'M10.5 20V5h3v15', 'M15 20V9.5h3V20');
export const IconCheck = drawn('M5 12.5l4.5 4.5L19 7.5');
export const IconClockExclamation = drawn(...CLOCK, 'M19 14.5v4', 'M19 21.3v.1');
export const IconClockX = drawn(...CLOCK, 'M16.5 16.5l5 5M21.5 16.5l-5 5');
export const IconCoins = drawn(
  'M14 7c0 1.4-2.2 2.5-5 2.5S4 8.4 4 7s2.2-2.5 5-2.5 5 1.1 5 2.5z',
  'M4 7v8.5C4 16.9 6 18 8.5 18M4 11.2c0 1.3 1.8 2.4 4.2 2.5',
  'M20 13.5c0 1.4-2.2 2.5-5 2.5s-5-1.1-5-2.5 2.2-2.5 5-2.5 5 1.1 5 2.5z',
  'M10 13.5v4c0 1.4 2.2 2.5 5 2.5s5-1.1 5-2.5v-4',
);
export const IconCopy = drawn(
  'M10.5 9H18a1.5 1.5 0 0 1 1.5 1.5V18a1.5 1.5 0 0 1-1.5 1.5h-7.5A1.5 1.5 0 0 1 9 18v-7.5A1.5 1.5 0 0 1 10.5 9z',
  'M5.5 15A1 1 0 0 1 4.5 14V6A1.5 1.5 0 0 1 6 4.5h8a1 1 0 0 1 1 1',
);
export const IconDots = drawn(
  'M5.8 12a.8.8 0 1 1-1.6 0 .8.8 0 0 1 1.6 0z',
  'M12.8 12a.8.8 0 1 1-1.6 0 .8.8 0 0 1 1.6 0z',
  'M19.8 12a.8.8 0 1 1-1.6 0 .8.8 0 0 1 1.6 0z',
);
export const IconDownload = drawn('M12 4v11', 'M7.5 11l4.5 4.5 4.5-4.5', 'M5 19.5h14');
export const IconFilter = drawn('M4.5 5h15l-5.8 7.3v5.2L10.3 19v-6.7z');
export const IconHelpCircle = drawn(CIRCLE, 'M9.7 9.6a2.4 2.4 0 1 1 3.5 2.3c-.8.4-1.2.9-1.2 1.7', 'M12 16.6v.1');
export const IconKey = drawn(
  'M20 8.5a4.5 4.5 0 1 1-9 0 4.5 4.5 0 0 1 9 0z',
  'M12.2 11.8L4.5 19.5',
  'M7 17l2.5 2.5M10 14l2 2',
);
export const IconListDetails = drawn('M12 6h8M12 9.5h5', 'M12 14.5h8M12 18h5', 'M4 5.5h4.5V10H4z', 'M4 14h4.5v4.5H4z');
export const IconLock = drawn(
  'M7 11h10a1 1 0 0 1 1 1v7a1 1 0 0 1-1 1H7a1 1 0 0 1-1-1v-7a1 1 0 0 1 1-1z',
  'M8.5 11V8a3.5 3.5 0 0 1 7 0v3',
);
export const IconLogout = drawn(
  'M13.5 5H7a2 2 0 0 0-2 2v10a2 2 0 0 0 2 2h6.5',
  'M10 12h10',
  'M16.5 8.5L20 12l-3.5 3.5',
);
export const IconMinus = drawn('M5 12h14');
export const IconPassword = drawn(
  'M5 8h14a1 1 0 0 1 1 1v6a1 1 0 0 1-1 1H5a1 1 0 0 1-1-1V9a1 1 0 0 1 1-1z',
  'M8 12h.01',
  'M12 12h.01',
  'M16 12h.01',
);
export const IconPencil = drawn('M4.5 19.5l1-4L16 5a2.1 2.1 0 0 1 3 3L8.5 18.5z', 'M14 7l3 3');
export const IconPlayerPause = drawn('M7 5.5h3v13H7z', 'M14 5.5h3v13h-3z');
export const IconPlayerPlay = drawn('M8 5v14l11-7z');
export const IconPlus = drawn('M12 5v14', 'M5 12h14');
export const IconRefresh = drawn(
  'M19.5 10.5A7.6 7.6 0 0 0 5.6 8L4.5 9.8',
  'M4.5 5v4.8h4.8',
  'M4.5 13.5A7.6 7.6 0 0 0 18.4 16l1.1-1.8',
  'M19.5 19v-4.8h-4.8',
);
export const IconRotate = drawn('M5.5 13.5A7 7 0 1 0 7.3 7L5 9.3', 'M5 4.5v4.8h4.8');
export const IconSearch = drawn(GLASS, 'M15.3 15.3L20 20');
export const IconSearchOff = drawn(GLASS, 'M15.3 15.3L20 20', 'M8.3 8.3l4.4 4.4M12.7 8.3l-4.4 4.4');
export const IconSelector = drawn('M8 9.5l4-4 4 4', 'M8 14.5l4 4 4-4');
export const IconSend = drawn('M20 4L10.5 13.5', 'M20 4l-5.5 16-4-6.5L4 9.5z');
export const IconSettings = drawn(
  'M10.2 5.4L10.7 3.1L13.3 3.1L13.8 5.4L15.3 6L17.4 4.8L19.2 6.6L18 8.7L18.6 10.2L20.9 10.7L20.9 13.3L18.6 13.8L18 15.3L19.2 17.4L17.4 19.2L15.3 18L13.8 18.6L13.3 20.9L10.7 20.9L10.2 18.6L8.7 18L6.6 19.2L4.8 17.4L6 15.3L5.4 13.8L3.1 13.3L3.1 10.7L5.4 10.2L6 8.7L4.8 6.6L6.6 4.8L8.7 6z',
  'M15 12a3 3 0 1 1-6 0 3 3 0 0 1 6 0z',
);
export const IconShieldCheck = drawn(SHIELD, 'M9 11.8l2.2 2.2 3.8-4');
export const IconShieldCog = drawn(SHIELD, 'M9 9.5h6M9 13h4');
export const IconStack2 = drawn('M12 4L4 8l8 4 8-4z', 'M4 12l8 4 8-4', 'M4 16l8 4 8-4');
export const IconTag = drawn(
  'M4 5v6.2c0 .4.2.8.4 1l7.4 7.4a1.4 1.4 0 0 0 2 0l5.8-5.8a1.4 1.4 0 0 0 0-2L12.2 4.4c-.3-.2-.6-.4-1-.4H5a1 1 0 0 0-1 1z',
  'M8 8h.01',
);
export const IconTrash = drawn(
  'M5 7h14',
  'M9.5 7V5a1 1 0 0 1 1-1h3a1 1 0 0 1 1 1v2',
  'M7 7l.8 11.6a1.5 1.5 0 0 0 1.5 1.4h5.4a1.5 1.5 0 0 0 1.5-1.4L17 7',
  'M10.5 11v5M13.5 11v5',
);
export const IconUserPlus = drawn(...PERSON, 'M3 20v-1a5 5 0 0 1 5-5h3', 'M17.5 13.5v6M14.5 16.5h6');
export const IconUsers = drawn(
  ...PERSON,
  'M2.5 20v-1a5 5 0 0 1 5-5h3a5 5 0 0 1 5 5v1',
  'M15.5 4.7a3.5 3.5 0 0 1 0 6.6',
  'M18 14.4a5 5 0 0 1 3.5 4.6v1',
);
export const IconWebhook = drawn(
  'M14.5 6.5a2.5 2.5 0 1 1-5 0 2.5 2.5 0 0 1 5 0z',
  'M8.5 17a2.5 2.5 0 1 1-5 0 2.5 2.5 0 0 1 5 0z',
  'M20.5 17a2.5 2.5 0 1 1-5 0 2.5 2.5 0 0 1 5 0z',
  'M10.8 8.7L7.3 14.8',
  'M13.2 8.7l3.5 6.1',
  'M8.5 17h7',
);
export const IconX = drawn('M6 6l12 12M18 6L6 18');
