import { expect, it } from 'vitest';
import {
  type DirectoryEntry,
  orderBootScripts,
  orderEndScripts,
} from '../../../../supervisor/linuxkit/script-order.ts';

function program(name: string): DirectoryEntry {
  return { name, isService: false, isExecutable: true };
}

function link(name: string): DirectoryEntry {
  return { name, isService: true, isExecutable: true };
}

it('orderBootScripts() puts programs around what is ours, by name', () => {
  const entries = [
    program('030-late'),
    link('020-containerd'),
    program('015-between'),
    link('010-onboot'),
    link('005-volumes'),
    program('002-logging'),
    program('000-issue'),
    { ...program('README'), isExecutable: false },
  ];
  expect(orderBootScripts(entries)).toEqual({
    beforeOnboot: ['000-issue', '002-logging'],
    beforeServices: ['015-between'],
    withServices: ['030-late'],
  });
});

it('orderBootScripts() goes by the links that there are, or by where they would be', () => {
  const entries = [program('050-a'), link('060-onboot'), program('070-b'), link('080-containerd')];
  expect(orderBootScripts(entries)).toMatchObject({
    beforeOnboot: ['050-a'],
    beforeServices: ['070-b'],
  });
  expect(orderBootScripts([program('005-a'), program('015-b'), program('025-c')])).toEqual({
    beforeOnboot: ['005-a'],
    beforeServices: ['015-b'],
    withServices: ['025-c'],
  });
});

it('orderEndScripts() does so around the tasks of the end', () => {
  const entries = [program('020-b'), link('010-onshutdown'), program('005-a')];
  expect(orderEndScripts(entries)).toEqual({ before: ['005-a'], after: ['020-b'] });
});
