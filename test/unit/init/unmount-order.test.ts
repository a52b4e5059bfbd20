import { expect, it } from 'vitest';
import { unmountOrder } from '../../../init/shutdown/unmount-order.ts';
import { parseMountinfo } from '../../../sys/mount/mountinfo.ts';

const MOUNTINFO = `21 1 0:2 / / ro shared:1 - rootfs rootfs rw
22 21 0:20 / /proc rw,nosuid shared:2 - proc proc rw
23 21 0:21 / /run rw shared:3 - tmpfs tmpfs rw,size=10%
24 21 254:1 / /data rw shared:4 - ext4 /dev/vda1 rw
25 24 254:2 / /data/with\\040space rw shared:5 - xfs /dev/vdb rw
26 23 0:40 / /run/ishmael/bundles/redis/rootfs rw shared:6 - overlay overlay rw
broken line
`;

it('unmountOrder() takes later mounts first and leaves what only the kernel needs', () => {
  expect(unmountOrder(parseMountinfo(MOUNTINFO))).toEqual([
    { target: '/run/ishmael/bundles/redis/rootfs', fstype: 'overlay', persistent: false },
    { target: '/data/with space', fstype: 'xfs', persistent: true },
    { target: '/data', fstype: 'ext4', persistent: true },
  ]);
});
