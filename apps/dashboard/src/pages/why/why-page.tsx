import { Button, Group, Paper, SimpleGrid, Stack, TextInput, Title } from '@mantine/core';
import { getRouteApi } from '@tanstack/react-router';
import { useState } from 'react';
import { KeySelect } from '../../parts/key-select.js';
import { Page } from '../../parts/page.js';
import { RequestDetail } from '../requests/request-detail.js';
import { CallTester } from './call-tester.js';

const route = getRouteApi('/house/why');

export function WhyPage() {
  const { id, key } = route.useSearch();
  const navigate = route.useNavigate();
  const [typed, setTyped] = useState('');
  return (
    <Page
      title="Why was this denied?"
      note="Ask about a request there was, or about one there could be. Nothing is sent and nothing is charged."
    >
      <SimpleGrid cols={{ base: 1, md: 2 }} spacing="lg">
        <Paper p="lg">
          <form
            onSubmit={(event) => {
              event.preventDefault();
              if (typed.trim()) void navigate({ search: (before) => ({ ...before, id: typed.trim() }) });
            }}
          >
            <Stack>
              <Title order={2} size="h5">
                A request there was
              </Title>
              <TextInput
                label="Request id"
                description="From the header x-request-id, the error’s body, or the list of requests."
                placeholder="req_…"
                value={typed}
                onChange={({ currentTarget }) => setTyped(currentTarget.value)}
              />
              <Group>
                <Button type="submit" variant="default" disabled={typed.trim() === ''}>
                  Look it up
                </Button>
              </Group>
            </Stack>
          </form>
        </Paper>
        <Simulation first={key} />
      </SimpleGrid>
      {id && (
        <RequestDetail id={id} close={() => void navigate({ search: (before) => ({ ...before, id: undefined }) })} />
      )}
    </Page>
  );
}

/** What would happen to a call, by the rules and limits as they are now. */
function Simulation({ first }: { readonly first: string | undefined }) {
  const [keyId, setKeyId] = useState<string | null>(first ?? null);
  return (
    <Paper p="lg">
      <Stack>
        <Title order={2} size="h5">
          A request there could be
        </Title>
        <KeySelect label="Key" placeholder="Choose a key" value={keyId} change={setKeyId} />
        <CallTester keyId={keyId} />
      </Stack>
    </Paper>
  );
}
