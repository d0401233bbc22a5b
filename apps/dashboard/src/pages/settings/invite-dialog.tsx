import { Modal, Select, Stack, TextInput } from '@mantine/core';
import { isEmail, useForm } from '@mantine/form';
import { useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import { mayManage, ROLES } from '#domain/access/scope';
import { invite, type Role } from '../../api/people.js';
import { session } from '../../api/session.js';
import { DialogButtons } from '../../parts/dialog-buttons.js';
import { focusFirst } from '../../parts/form-errors.js';
import { ProblemView } from '../../parts/problem-view.js';
import { ShownOnce } from '../../parts/shown-once.js';
import { useChange } from '../../parts/use-change.js';
import { useRefused } from '../../parts/use-refused.js';

interface Values {
  email: string;
  role: Role;
}

/** Keyward sends no mail: the link is shown once, for whoever invites to pass on. */
export function InviteDialog({ close }: { readonly close: () => void }) {
  const { data: here } = useQuery(session);
  const invitation = useChange(invite, 'invitations');
  const [link, setLink] = useState<string | null>(null);
  const form = useForm<Values>({
    initialValues: { email: '', role: 'member' },
    validate: { email: isEmail('Enter an e-mail address.') },
  });
  const elsewhere = useRefused(form, invitation.error);
  const submit = async (values: Values) => {
    const made = await invitation.run(values);
    if (!made) return;
    // Behind the #, so that no server and no log between here and there ever sees it.
    if (made.token) setLink(`${window.location.origin}/join#${made.token}`);
    else close();
  };
  const mine = here?.member.role ?? 'viewer';
  return (
    <Modal opened onClose={close} title="Invite somebody">
      {link === null ? (
        <form noValidate onSubmit={form.onSubmit((values) => void submit(values), focusFirst)}>
          <Stack>
            {elsewhere !== null && <ProblemView error={elsewhere} />}
            <TextInput label="E-mail" type="email" data-autofocus {...form.getInputProps('email')} />
            <Select label="Role" data={ROLES.filter((role) => mayManage(mine, role))} {...form.getInputProps('role')} />
            <DialogButtons label="Invite" pending={invitation.pending} cancel={close} />
          </Stack>
        </form>
      ) : (
        <ShownOnce
          note="Send them this link. It is shown this once, and whoever has it can join."
          value={link}
          label="Copy link"
          close={close}
        />
      )}
    </Modal>
  );
}
