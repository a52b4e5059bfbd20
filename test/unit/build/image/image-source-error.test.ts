import { describe, expect, test } from 'vitest';
import { classifyFailure, failureMessage } from '../../../../build/image/image-source-error.ts';

/** As skopeo 1.9 and 1.18 say it. */
const FAILURES = [
  ['plain-http', 'pinging container registry: http: server gave HTTP response to HTTPS client'],
  ['untrusted', 'Get: x509: certificate signed by unknown authority'],
  ['untrusted', 'tls: failed to verify certificate: x509: certificate is not valid'],
  ['denied', 'reading manifest 1 in a/b: unauthorized: authentication required'],
  ['denied', 'requested access to the resource is denied'],
  ['denied', 'unable to retrieve auth token: invalid username/password: unauthorized'],
  ['rejected', 'Source image rejected: A signature was required, but no signature exists'],
  ['not-found', 'reading manifest 1 in a/b: manifest unknown: manifest unknown'],
  ['not-found', 'open /nowhere/index.json: no such file or directory'],
  ['unreachable', 'dial tcp 127.0.0.1:1: connect: connection refused'],
  ['unreachable', 'net/http: TLS handshake timeout'],
  ['unreachable', 'received unexpected HTTP status: 503 Service Unavailable'],
  ['unreachable', 'reading blob: unexpected EOF'],
  ['damaged', 'writing blob: Digest did not match, expected sha256:0, got sha256:1'],
  ['failed', 'something new'],
] as const;

describe('classifyFailure()', () => {
  test.each(FAILURES)('calls %s: %s', (code, said) => {
    expect(classifyFailure(`time="…" level=fatal msg="${said}"`)).toBe(code);
  });
});

describe('failureMessage()', () => {
  test('takes the sentence out of a log line', () => {
    const line = String.raw`time="2026-01-01T00:00:00Z" level=fatal msg="parsing \"x\": no"`;
    expect(failureMessage(`a warning\n${line}\n`)).toBe('parsing "x": no');
  });

  test('falls back on the last line', () => {
    expect(failureMessage('one\ntwo\n')).toBe('two');
  });
});
