import { Button, Code, Drawer, Group, Stack, Text, Title } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { isRefusalCode, REFUSALS } from '#contracts/refusals';
import { type Decision, type LoggedRequest, requestById } from '../../api/requests.js';
import facts from '../../parts/facts.module.css';
import { KeyName } from '../../parts/key-name.js';
import { Loaded } from '../../parts/loaded.js';
import { dateTime } from '../../parts/moments.js';
import { money } from '../../parts/money.js';
import { Trace } from '../why/trace.js';
import { Outcome, seconds } from './request-list.js';

/** All that is known of one request, and how it was decided. */
export function RequestDetail({ id, close }: { readonly id: string; readonly close: () => void }) {
  const found = useQuery(requestById(id));
  return (
    <Drawer opened onClose={close} size={560} title="Request">
      <Loaded of={found} label="the request">
        {(request) => (
          <Stack gap="lg">
            <Group gap="sm">
              <Outcome of={request} />
              <Code>{request.id}</Code>
            </Group>
            <dl className={facts.list}>
              <dt>Time</dt>
              <dd>{dateTime(request.at)}</dd>
              <dt>Key</dt>
              <dd>
                <KeyName id={request.key_id} />
              </dd>
              <dt>Endpoint</dt>
              <dd className="mono">
                {request.endpoint}
                {request.stream && ', streamed'}
              </dd>
              <dt>Model</dt>
              <dd className="mono">
                {request.model}
                {request.served_model !== null &&
                  request.served_model !== request.model &&
                  ` → ${request.served_model}`}
              </dd>
              <dt>Provider</dt>
              <dd>
                {request.provider ?? 'None was asked'}
                {request.own_key && ', with the project’s own key'}
              </dd>
              <dt>Tokens</dt>
              <dd className="number">
                {request.input_tokens.toLocaleString('en')} in ({request.cached_input_tokens.toLocaleString('en')}{' '}
                cached), {request.output_tokens.toLocaleString('en')} out (
                {request.reasoning_tokens.toLocaleString('en')} reasoning)
                {request.estimated && ', counted by us'}
              </dd>
              <dt>Cost</dt>
              <dd className="number">
                {request.unpriced ? 'Unknown: nobody knows the price' : money(request.cost, request.currency)}
                {request.corrected && ', corrected'}
              </dd>
              <dt>Latency</dt>
              <dd className="number">
                {seconds(request.duration_ms)}
                {request.first_byte_ms !== null && `, first token after ${seconds(request.first_byte_ms)}`}
              </dd>
            </dl>
            {isDecision(request.decision) ? (
              <Stack gap="sm">
                <Title order={2} size="h5">
                  How it was decided
                </Title>
                <Trace of={request.decision} keyId={request.key_id} />
              </Stack>
            ) : (
              <NoTrace of={request} />
            )}
          </Stack>
        )}
      </Loaded>
    </Drawer>
  );
}

/** Not every refusal leaves its steps behind; what would be decided now can still be asked. */
function NoTrace({ of: { outcome, code, key_id } }: { readonly of: LoggedRequest }) {
  if (outcome !== 'denied')
    return (
      <Text size="sm" c="dimmed">
        Nothing was decided against it.
      </Text>
    );
  return (
    <Stack gap="sm" align="flex-start">
      <Text size="sm">{isRefusalCode(code) ? REFUSALS[code][2] : `It was refused: ${code}.`}</Text>
      <Button component={Link} to={`/why?key=${key_id}`} size="xs" variant="default">
        What would be decided now?
      </Button>
    </Stack>
  );
}

function isDecision(value: unknown): value is Decision {
  return typeof value === 'object' && value !== null && Array.isArray((value as Partial<Decision>).steps);
}
