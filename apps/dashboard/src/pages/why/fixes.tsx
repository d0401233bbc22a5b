import { Button, Group } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { useState } from 'react';
import { keyById } from '../../api/keys.js';
import { projects } from '../../api/projects.js';
import { usePermission } from '../../app/use-permission.js';
import { Dialogs } from '../keys/dialogs.js';
import type { OpenDialog } from '../keys/open-dialog.js';
import { useToggle } from '../keys/use-toggle.js';
import { type Fix, fixesOf, type Step } from './steps.js';

interface FixesProps {
  readonly of: Step;
  readonly keyId: string;
}

/** The buttons beside a step that says no. */
export function Fixes({ of: step, keyId }: FixesProps) {
  return (
    <Group mt={4} gap="xs">
      {fixesOf(step, keyId).map((fix) =>
        'to' in fix ? (
          <Button key={fix.label} component={Link} to={fix.to} size="compact-sm" variant="default">
            {fix.label}
          </Button>
        ) : (
          <Here key={fix.label} fix={fix} keyId={keyId} />
        ),
      )}
    </Group>
  );
}

interface HereProps {
  readonly fix: Extract<Fix, { dialog: unknown }>;
  readonly keyId: string;
}

/** Changed without leaving what one reads: the answer beside it is asked for anew. */
function Here({ fix, keyId }: HereProps) {
  const may = usePermission('write');
  const { data: key } = useQuery(keyById(keyId));
  const { data: all } = useQuery(projects);
  const [dialog, setDialog] = useState<OpenDialog | null>(null);
  const toggle = useToggle(setDialog);
  const project = all?.find(({ id }) => id === key?.project_id);
  if (!key || !project) return null;
  const act = () => (fix.dialog === 'enable' ? toggle(key) : setDialog({ kind: fix.dialog, key }));
  // Somebody may have mended it meanwhile: a key that works is not to be switched off here.
  const isDone = fix.dialog === 'enable' && key.status === 'active';
  return (
    <>
      <Button
        size="compact-sm"
        variant="default"
        disabled={!may.allowed || isDone}
        title={may.allowed ? undefined : may.reason}
        onClick={act}
      >
        {fix.label}
      </Button>
      <Dialogs dialog={dialog} project={project} open={setDialog} close={() => setDialog(null)} />
    </>
  );
}
