import { Button, Code, Stack, Tabs } from '@mantine/core';
import { useRef } from 'react';
import { CopyRefused } from '../../parts/copy-refused.js';
import { isSelected, useCopy } from '../../parts/use-copy.js';
import { SNIPPETS } from './snippets.js';

interface FirstCallsProps {
  readonly name: string;
  readonly secret: string;
  readonly copied: () => void;
}

/** The key in the words of each tool: whoever takes one of them along has taken the key. */
export function FirstCalls({ name, secret, copied }: FirstCallsProps) {
  const { origin } = window.location;
  return (
    <Tabs defaultValue={SNIPPETS[0]?.name} keepMounted={false}>
      <Tabs.List>
        {SNIPPETS.map((snippet) => (
          <Tabs.Tab key={snippet.name} value={snippet.name}>
            {snippet.name}
          </Tabs.Tab>
        ))}
      </Tabs.List>
      {SNIPPETS.map((snippet) => (
        <Tabs.Panel key={snippet.name} value={snippet.name} pt="sm">
          <Snippet text={snippet.text({ origin, secret, name })} secret={secret} copied={copied} />
        </Tabs.Panel>
      ))}
    </Tabs>
  );
}

interface SnippetProps {
  readonly text: string;
  readonly secret: string;
  readonly copied: () => void;
}

function Snippet({ text, secret, copied }: SnippetProps) {
  const shown = useRef<HTMLPreElement>(null);
  const { isFresh, isRefused, copy } = useCopy(text, shown, copied);
  return (
    <Stack gap="xs" align="flex-start">
      <Code
        ref={shown}
        block
        fz={12}
        w="100%"
        mah={240}
        tabIndex={0}
        style={{ overflow: 'auto' }}
        onCopy={() => isSelected(secret) && copied()}
      >
        {text}
      </Code>
      {isRefused && <CopyRefused />}
      <Button size="xs" variant="default" onClick={() => void copy()}>
        {isFresh ? 'Copied' : 'Copy snippet'}
      </Button>
    </Stack>
  );
}
