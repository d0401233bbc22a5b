import { Anchor, Center, Stack, Text, Title } from '@mantine/core';

export function NotFound() {
  return (
    <Center mih="60vh" p="xl">
      <Stack align="center" gap="xs">
        <Title order={1} size="h3">
          There is no such page
        </Title>
        <Text c="dimmed">The address may be mistyped, or what was here is gone.</Text>
        <Anchor href="/keys">Go to API Keys</Anchor>
      </Stack>
    </Center>
  );
}
