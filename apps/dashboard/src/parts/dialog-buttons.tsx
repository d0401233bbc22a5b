import { Button, Group } from '@mantine/core';

interface DialogButtonsProps {
  readonly label: string;
  readonly pending: boolean;
  readonly cancel: () => void;
  readonly color?: string;
  readonly disabled?: boolean;
  /** Where the dialog is no form. */
  readonly act?: () => void;
}

export function DialogButtons({ label, pending, cancel, color, disabled, act }: DialogButtonsProps) {
  return (
    <Group justify="flex-end">
      <Button variant="default" onClick={cancel}>
        Cancel
      </Button>
      <Button type={act ? 'button' : 'submit'} color={color} loading={pending} disabled={disabled} onClick={act}>
        {label}
      </Button>
    </Group>
  );
}
