import { Badge, Code, Stack, Table, Text } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { providers } from '../../api/catalogue.js';
import { Loaded } from '../../parts/loaded.js';
import { TableFrame } from '../../parts/table-frame.js';

/** Where requests go. Credentials are named here and kept elsewhere: none of them ever travels to a browser. */
export function ProvidersSection() {
  const found = useQuery(providers);
  return (
    <Stack gap="md">
      <Text size="sm" c="dimmed">
        Who serves the models of the catalogue, and where the gateway finds the credential for each.
      </Text>
      <Loaded of={found} label="providers">
        {(all) => (
          <TableFrame label="Providers" minWidth={720}>
            <Table.Thead>
              <Table.Tr>
                <Table.Th>Provider</Table.Th>
                <Table.Th>Speaks</Table.Th>
                <Table.Th>Address</Table.Th>
                <Table.Th>Credential</Table.Th>
                <Table.Th>Models</Table.Th>
              </Table.Tr>
            </Table.Thead>
            <Table.Tbody>
              {all.map((provider) => (
                <Table.Tr key={provider.id}>
                  <Table.Td fw={550}>
                    {provider.id}
                    {provider.managed && (
                      <Badge ml={8} size="xs" variant="light" color="gray" tt="none">
                        set here
                      </Badge>
                    )}
                  </Table.Td>
                  <Table.Td>{provider.dialect}</Table.Td>
                  <Table.Td className="mono" fz={12}>
                    {provider.origin}
                  </Table.Td>
                  <Table.Td>
                    {provider.credential_env || provider.credential_file ? (
                      <Code fz={12}>{provider.credential_env ?? provider.credential_file}</Code>
                    ) : (
                      'None'
                    )}
                  </Table.Td>
                  <Table.Td className="number">{provider.serves.toLocaleString('en')}</Table.Td>
                </Table.Tr>
              ))}
            </Table.Tbody>
          </TableFrame>
        )}
      </Loaded>
    </Stack>
  );
}
