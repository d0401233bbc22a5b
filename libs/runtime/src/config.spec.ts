import { describe, expect, it } from '@jest/globals';
import { ConfigError, readConfig } from '#runtime/config';
import { BASE, GATEWAY_PORT, POSTGRES, SECRET } from '#runtime/settings';

const shape = { ...BASE, ...POSTGRES, ...SECRET, ...GATEWAY_PORT };
const good = {
  KEYWARD_NATS_URL: 'nats://127.0.0.1:4222',
  KEYWARD_POSTGRES_URL: 'postgres://keyward@127.0.0.1/keyward',
  KEYWARD_SECRET: 'x'.repeat(32),
};

describe('settings', () => {
  it('are read with their defaults, an empty variable counting as unset', () => {
    const config = readConfig(shape, { ...good, KEYWARD_PORT: '', KEYWARD_OPS_PORT: '0' });
    expect(config).toMatchObject({ KEYWARD_PORT: 8080, KEYWARD_OPS_PORT: 0, KEYWARD_LOG_LEVEL: 'info' });
  });

  it('name every mistake at once, and no value: a value may be a secret', () => {
    const wrong = { ...good, KEYWARD_NATS_URL: '', KEYWARD_SECRET: 'hunter2', KEYWARD_PORT: 'eighty' };
    let message = '';
    try {
      readConfig(shape, wrong);
    } catch (error) {
      expect(error).toBeInstanceOf(ConfigError);
      message = (error as Error).message;
    }
    expect(message).toContain('KEYWARD_NATS_URL is required');
    expect(message).toContain('KEYWARD_SECRET must have at least 32 characters');
    expect(message).toContain('KEYWARD_PORT');
    expect(message).not.toContain('hunter2');
  });
});
