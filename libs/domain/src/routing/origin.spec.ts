import { describe, expect, it } from '@jest/globals';
import { isProviderOrigin } from './origin.js';

describe('the origin of a provider', () => {
  it.each([
    'https://api.openai.com',
    'https://api.groq.com/openai',
    'http://127.0.0.1:8000',
    'http://vllm.models.svc:8000/v2/',
    'https://[2001:db8::1]:8443',
  ])('may be %s', (origin) => {
    expect(isProviderOrigin(origin)).toBe(true);
  });

  it.each([
    '',
    'api.openai.com',
    'ftp://api.openai.com',
    'file:///etc/passwd',
    'javascript:alert(1)',
    'https://user:secret@api.openai.com',
    'https://user@api.openai.com',
    'https://api.openai.com?key=1',
    'https://api.openai.com/?',
    'https://api.openai.com/#x',
    'https://api.openai.com\\@evil.example',
    'https://api.openai.com/ x',
    'http://169.254.169.254',
    'http://169.254.169.254/latest/meta-data',
    'http://2852039166',
    'http://0xa9fea9fe',
    'http://[::ffff:169.254.169.254]',
    'http://[fe80::1]',
    'http://metadata.google.internal',
  ])('may not be %j', (origin) => {
    expect(isProviderOrigin(origin)).toBe(false);
  });
});
