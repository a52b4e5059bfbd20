import { describe, expect, it } from 'vitest';
import { ConsoleRecord } from '../../../../build/run/console-record.ts';

const bytes = (text: string): Uint8Array => Buffer.from(text);

describe('ConsoleRecord', () => {
  it('waitFor() resolves at once when the text is there already', async () => {
    const record = new ConsoleRecord();
    record.append(bytes('login:'));
    await expect(record.waitFor(/login/, 1)).resolves.toBeUndefined();
  });

  it('waitFor() sees a text that comes in two pieces', async () => {
    const record = new ConsoleRecord();
    const seen = record.waitFor(/Redis is ready/, 1_000);
    record.append(bytes('Redis is'));
    record.append(bytes(' ready'));
    await expect(seen).resolves.toBeUndefined();
  });

  it('waitFor() rejects with the end of what was said', async () => {
    const record = new ConsoleRecord();
    record.append(bytes('Kernel panic'));
    await expect(record.waitFor(/login/, 1)).rejects.toMatchObject({
      code: 'timeout',
      message: expect.stringContaining('Kernel panic') as string,
    });
  });

  it('text() joins a character that was cut in two', () => {
    const record = new ConsoleRecord();
    const whole = bytes('grüß');
    record.append(whole.subarray(0, 3));
    record.append(whole.subarray(3));
    expect(record.text()).toBe('grüß');
  });

  it('subscribe() passes later output on until it is called off', () => {
    const record = new ConsoleRecord();
    const heard: string[] = [];
    record.append(bytes('before'));
    const stop = record.subscribe((chunk) => heard.push(Buffer.from(chunk).toString()));
    record.append(bytes('one'));
    stop();
    record.append(bytes('two'));
    expect(heard).toEqual(['one']);
  });
});
