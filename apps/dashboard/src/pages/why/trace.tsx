import { Stack, Text } from '@mantine/core';
import type { Decision } from '../../api/requests.js';
import { IconCheck, IconMinus, IconX } from '../../parts/icons.js';
import { DecidingRule } from './deciding-rule.js';
import { Fixes } from './fixes.js';
import { STEP_LABELS } from './steps.js';
import styles from './trace.module.css';
import { linesOf } from './values.js';

interface TraceProps {
  readonly of: Decision;
  readonly keyId: string;
  /** The same call asked again: beside what was decided then stands what would be now. */
  readonly now?: Decision | undefined;
}

const RESULTS = {
  pass: { icon: IconCheck, label: 'passed' },
  fail: { icon: IconX, label: 'failed' },
  not_reached: { icon: IconMinus, label: 'not reached' },
} as const;

type Step = Decision['steps'][number];

/** What was asked in which order, what each answered, and what to change where one said no. */
export function Trace({ of: decision, keyId, now }: TraceProps) {
  const shown = stepsOf(decision, now);
  return (
    <Stack gap="sm">
      {now && (
        <Text size="xs" c="dimmed">
          The first mark is what it came to then, the second what it would come to now.
        </Text>
      )}
      <ol className={styles.steps} aria-label="Decision">
        {shown.map(({ step, was, is }) => {
          // What is right by now needs no mending.
          const result = (is ?? was)?.result;
          const rule = step === 'rules' ? (ruleOf(was, decision) ?? ruleOf(is, now)) : null;
          return (
            <li key={step} className={styles.step} data-result={result}>
              {was && <Mark of={was} />}
              {is && <Mark of={is} />}
              <Stack gap={2} flex={1} miw={0}>
                <Text size="sm" fw={550}>
                  {STEP_LABELS[step]} <span className="unseen">{spoken(was, is)}</span>
                </Text>
                {rule && <DecidingRule of={rule} keyId={keyId} />}
                <Values was={was} is={is} />
                {result === 'fail' && <Fixes of={step} keyId={keyId} />}
              </Stack>
            </li>
          );
        })}
      </ol>
      {decision.observed?.length > 0 && (
        <Text size="sm" c="dimmed">
          {decision.observed.length === 1 ? 'One rule' : `${decision.observed.length} rules`} that only observes would
          have refused it.
        </Text>
      )}
    </Stack>
  );
}

interface Pair {
  readonly step: Step['step'];
  readonly was: Step | undefined;
  readonly is: Step | undefined;
}

/** In the order they are asked in today; what was written down then may lack some. */
function stepsOf(before: Decision, now: Decision | undefined): Pair[] {
  const order = (now ?? before).steps.map(({ step }) => step);
  const of = (decision: Decision | undefined, wanted: Step['step']) =>
    decision?.steps.find(({ step }) => step === wanted);
  return order.map((step) => ({ step, was: of(before, step), is: of(now, step) }));
}

function ruleOf(step: Step | undefined, decision: Decision | undefined): Decision['rule'] {
  return step?.result === 'fail' ? (decision?.rule ?? null) : null;
}

function spoken(was: Step | undefined, is: Step | undefined): string {
  const word = (step: Step) => RESULTS[step.result].label;
  if (!is) return was ? word(was) : '';
  return was ? `${word(was)} then, ${word(is)} now` : `${word(is)} now`;
}

function Mark({ of: { result } }: { readonly of: Step }) {
  const Icon = RESULTS[result].icon;
  return (
    <span className={styles.mark} data-result={result}>
      <Icon size={14} stroke={2.4} />
    </span>
  );
}

/** Which is which is only said where they are not the same. */
function Values({ was, is }: Omit<Pair, 'step'>) {
  const [before, now] = [valuesOf(was), valuesOf(is)];
  const isOne = before.length === 0 || now.length === 0 || before.join() === now.join();
  const both = [...before.map((line) => `Then: ${line}`), ...now.map((line) => `Now: ${line}`)];
  const lines = isOne ? (now.length === 0 ? before : now) : both;
  return lines.map((line) => (
    <Text key={line} size="xs" c="dimmed" className={styles.detail}>
      {line}
    </Text>
  ));
}

function valuesOf(step: Step | undefined): string[] {
  return step === undefined || step.result === 'not_reached' ? [] : linesOf(step.detail);
}
