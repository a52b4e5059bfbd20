import { describe, expect, test } from 'vitest';
import { redact, redactText } from '../../../../supervisor/console/redact.ts';

describe('redactText()', () => {
  test.each([
    ['password=swordfish ok', 'password=[redacted] ok'],
    ['DB_PASSWORD: "sword fish", x', 'DB_PASSWORD: [redacted], x'],
    ["api_key='abc'", 'api_key=[redacted]'],
    ['{"secret":"abc","a":1}', '{"secret":[redacted],"a":1}'],
    ['?token=abc&next=1', '?token=[redacted]&next=1'],
    ['Authorization: Bearer abc.def-ghi', 'Authorization: [redacted]'],
    ['sent Basic dXNlcjpwYXNz to it', 'sent Basic [redacted] to it'],
    ['redis://user:hunter2@10.0.0.1:6379/0', 'redis://user:[redacted]@10.0.0.1:6379/0'],
    ['root:$6$salt$hashhashhash:1', 'root:[redacted hash]:1'],
    ['is $scrypt$ln=13,r=8,p=10$AAAA$BBBB.', 'is [redacted hash]'],
    ['jwt eyJhbGciOi.eyJzdWIi.c2ln end', 'jwt [redacted token] end'],
    ['run --admin-password hunter2 --port 80', 'run --admin-password [redacted] --port 80'],
    ['-----BEGIN RSA PRIVATE KEY-----\nMIIE\n', '[redacted private key]'],
  ])('%j', (text, expected) => {
    expect(redactText(text)).toBe(expected);
  });

  test.each([
    'Ready to accept connections',
    'http://10.0.0.1:80/x@y',
    'tokens are counted',
    'took 3 $ and 5 $',
    'the basic facts',
    '[   12.345] redis: running (pid 87)',
  ])('leaves %j alone', (text) => {
    expect(redactText(text)).toBe(text);
  });
});

test('redact() goes into values, and takes whole what has the name of a secret', () => {
  const value = {
    a: ['password=x', 1, null],
    sessionToken: 'abc',
    n: { secret: ['x', 'y'], ok: 'z' },
  };
  expect(redact(value)).toEqual({
    a: ['password=[redacted]', 1, null],
    sessionToken: '[redacted]',
    n: { secret: ['[redacted]', '[redacted]'], ok: 'z' },
  });
});
