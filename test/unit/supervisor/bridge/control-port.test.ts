import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { findControlPort } from '../../../../supervisor/bridge/control-port.ts';

describe('findControlPort()', () => {
  let ports: string;

  beforeEach(() => {
    ports = mkdtempSync(join(tmpdir(), 'ishmael-ports-'));
  });

  afterEach(() => rmSync(ports, { recursive: true }));

  function addPort(device: string, name: string | undefined): void {
    mkdirSync(join(ports, device));
    if (name !== undefined) writeFileSync(join(ports, device, 'name'), `${name}\n`);
  }

  test('finds the port by its name among others', () => {
    addPort('vport0p1', undefined);
    addPort('vport1p1', 'org.qemu.guest_agent.0');
    addPort('vport1p2', 'ishmael.control.0');
    expect(findControlPort(ports)).toBe('/dev/vport1p2');
  });

  test('finds nothing on a machine without ports', () => {
    expect(findControlPort(ports)).toBeUndefined();
    expect(findControlPort(join(ports, 'missing'))).toBeUndefined();
  });
});
