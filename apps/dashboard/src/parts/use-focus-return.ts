import { useEffect } from 'react';

/** Where one was before the first of several dialogs opened, one is again when the last has closed. */
export function useFocusReturn(isOpen: boolean): void {
  useEffect(() => {
    if (!isOpen) return;
    const before = document.activeElement;
    return () => {
      // After the dialog has given the focus back to what opened it, which may be gone with the dialog before.
      setTimeout(() => {
        const isLost = document.activeElement === document.body || document.activeElement === null;
        if (isLost && before instanceof HTMLElement && before.isConnected) before.focus();
      });
    };
  }, [isOpen]);
}
