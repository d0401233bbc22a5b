import { Button, Code, Group, Stack, Text } from '@mantine/core';
import { IconCheck, IconMinus, IconX } from '@tabler/icons-react';
import { Link } from '@tanstack/react-router';
import type { Decision } from '../../api/requests.js';
import { fixOf, STEP_LABELS, wordsOf } from './steps.js';
import styles from './trace.module.css';

interface TraceProps {
  readonly of: Decision;
  readonly keyId: string;
}

const RESULTS = {
  pass: { icon: IconCheck, label: 'passed' },
  fail: { icon: IconX, label: 'failed' },
  not_reached: { icon: IconMinus, label: 'not reached' },
} as const;

/** What was asked in which order, what each answered, and what to change where one said no. */
export function Trace({ of: decision, keyId }: TraceProps) {
  return (
    <Stack gap="sm">
      <ol className={styles.steps} aria-label="Decision">
        {decision.steps.map(({ step, result, detail }) => {
          const { icon: Icon, label } = RESULTS[result];
          const fix = result === 'fail' ? fixOf(step, keyId) : null;
          return (
            <li key={step} className={styles.step} data-result={result}>
              <span className={styles.mark}>
                <Icon size={14} stroke={2.4} />
              </span>
              <Stack gap={2} flex={1} miw={0}>
                <Text size="sm" fw={550}>
                  {STEP_LABELS[step]} <span className="unseen">{label}</span>
                </Text>
                {result !== 'not_reached' &&
                  wordsOf(detail).map(([name, value]) => (
                    <Text key={name} size="xs" c="dimmed" className={styles.detail}>
                      {name}: {value}
                    </Text>
                  ))}
                {fix && (
                  <Group mt={4}>
                    <Button component={Link} to={fix.to} size="compact-sm" variant="default">
                      {fix.label}
                    </Button>
                  </Group>
                )}
              </Stack>
            </li>
          );
        })}
      </ol>
      {decision.rule && (
        <Text size="sm">
          Decided by the {decision.rule.level}’s rule about {decision.rule.about}: <Code>{decision.rule.id}</Code>
        </Text>
      )}
      {decision.observed?.length > 0 && (
        <Text size="sm" c="dimmed">
          {decision.observed.length === 1 ? 'One rule' : `${decision.observed.length} rules`} that only observes would
          have refused it.
        </Text>
      )}
    </Stack>
  );
}
