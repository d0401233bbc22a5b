import { randomBytes } from 'node:crypto';
import { Inject, Injectable } from '@nestjs/common';
import { newId } from '#domain/id';
import { digestOf, mintSecret, previewOf } from '#domain/key/secret';
import { deriveKey } from '#runtime/keying';
import { type KeysKit, KIT } from './kit.js';
import { ProfileBook } from './profile-book.js';
import type { KeySecret, Project } from './store/entities.js';

/** Where secrets come from, and the one place that holds the text of one. */
@Injectable()
export class Minter {
  private readonly checksumKey: Uint8Array;

  constructor(
    private readonly profiles: ProfileBook,
    @Inject(KIT) { config }: KeysKit,
  ) {
    this.checksumKey = deriveKey(config.KEYWARD_SECRET, 'key checksum');
  }

  /** The text goes to whoever asked and nowhere else; the rest is what is stored. */
  mint(project: Project, keyId: string, now: Date): { text: string; secret: KeySecret } {
    const format = this.profiles.of(project).key;
    const text = mintSecret(format, this.checksumKey, randomBytes);
    const secret = {
      id: newId('secret', now.getTime(), randomBytes(10)),
      keyId,
      digest: digestOf(text),
      preview: previewOf(text, format),
      createdAt: now,
      validUntil: null,
    };
    return { text, secret };
  }
}
