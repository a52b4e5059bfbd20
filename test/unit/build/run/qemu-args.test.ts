import { describe, expect, it } from 'vitest';
import { type MachineOptions, qemuArgs } from '../../../../build/run/qemu-args.ts';

const KERNEL = {
  kernel: '/i/m-kernel',
  initrd: '/i/m-initrd.img',
  cmdline: 'console=ttyS0 quiet',
  accel: 'tcg',
  memoryMiB: 512,
  cpus: 2,
  network: true,
  publish: [{ host: 8080, guest: 80 }],
  rebootEnds: true,
  serialSocket: '/s/serial',
  consoleLog: '/i/console.log',
  controlSocket: '/s/control',
  monitorSocket: '/s/monitor',
  devices: [],
  chardevs: [],
  netdevs: [],
  objects: [],
  disks: [],
  serialLines: [],
} satisfies MachineOptions;

const MACHINE: MachineOptions = KERNEL;

/** The word after each occurrence of an option. */
function valuesOf(option: string, machine: MachineOptions): string[] {
  const args = qemuArgs(machine);
  return args.filter((_, index) => args[index - 1] === option);
}

describe('qemuArgs()', () => {
  it('writes the whole command line of a machine', () => {
    expect(qemuArgs(MACHINE).join(' ')).toBe(
      [
        '-nodefaults -no-user-config -display none -no-reboot',
        '-machine q35,sata=off -accel tcg,thread=multi -cpu max -m 512 -smp 2',
        '-kernel /i/m-kernel -initrd /i/m-initrd.img -append console=ttyS0 quiet',
        '-chardev socket,id=serial,path=/s/serial,server=on,wait=on,logfile=/i/console.log,logappend=off',
        '-serial chardev:serial -device virtio-serial-pci',
        '-chardev socket,id=control,path=/s/control,server=on,wait=off',
        '-device virtserialport,chardev=control,name=ishmael.control.0',
        '-device virtio-rng-pci',
        '-netdev user,id=net0,hostfwd=tcp:127.0.0.1:8080-:80',
        '-device virtio-net-pci,netdev=net0,romfile=',
        '-chardev socket,id=monitor,path=/s/monitor,server=on,wait=off',
        '-mon chardev=monitor,mode=control',
      ].join(' '),
    );
  });

  it('doubles commas in paths, which would end the value', () => {
    const [serial, control] = valuesOf('-chardev', {
      ...MACHINE,
      consoleLog: '/a,b.log',
      controlSocket: '/c,d',
    });
    expect(serial).toContain('logfile=/a,,b.log,');
    expect(control).toContain('path=/c,,d,');
  });

  it('passes the kernel command line as one word, commas as they are', () => {
    const cmdline = 'console=ttyS0,115200 x="a b"';
    expect(valuesOf('-append', { ...MACHINE, cmdline })).toEqual([cmdline]);
  });

  it('uses the processor of the host under KVM', () => {
    expect(valuesOf('-accel', { ...MACHINE, accel: 'kvm' })).toEqual(['kvm']);
    expect(valuesOf('-cpu', { ...MACHINE, accel: 'kvm' })).toEqual(['host']);
  });

  it('gives no network card without network, but keeps the control port', () => {
    const machine = { ...MACHINE, network: false };
    expect(valuesOf('-netdev', machine)).toEqual([]);
    expect(valuesOf('-device', machine).join(' ')).not.toContain('virtio-net');
    expect(valuesOf('-device', machine).join(' ')).toContain('name=ishmael.control.0');
  });

  it('adds the character devices that are asked for', () => {
    const netdevs = ['socket,id=lan,mcast=230.0.0.1:1234'];
    expect(valuesOf('-netdev', { ...MACHINE, netdevs })).toEqual(expect.arrayContaining(netdevs));
    const chardevs = ['socket,id=agent,path=/s/agent,server=on,wait=off'];
    expect(valuesOf('-chardev', { ...MACHINE, chardevs })).toEqual(
      expect.arrayContaining(chardevs),
    );
  });

  it('adds the objects that are asked for', () => {
    const objects = ['memory-backend-file,id=m,size=64K,mem-path=/m,share=on'];
    expect(valuesOf('-object', { ...MACHINE, objects })).toEqual(objects);
  });

  it('has the further serial lines after its own', () => {
    const lines = valuesOf('-serial', { ...MACHINE, serialLines: ['/dev/pts/3'] });
    expect(lines).toEqual(['chardev:serial', '/dev/pts/3']);
  });

  it('has its disks', () => {
    const machine = { ...MACHINE, disks: [{ path: '/d/a.img', bus: 'virtio' as const }] };
    expect(valuesOf('-device', machine)).toContain('virtio-blk-pci,serial=disk0,drive=disk0');
  });

  it('lets firmware boot a disk instead of a kernel', () => {
    const { kernel: _kernel, initrd: _initrd, cmdline: _cmdline, ...hardware } = KERNEL;
    const machine: MachineOptions = {
      ...hardware,
      firmware: 'bios',
      arch: 'amd64',
      bootDisk: { path: '/d/boot.img', bus: 'virtio' },
      disks: [{ path: '/d/data.img', bus: 'virtio' }],
    };
    expect(qemuArgs(machine)).not.toContain('-kernel');
    expect(valuesOf('-device', machine)).toEqual(
      expect.arrayContaining([
        'virtio-blk-pci,serial=disk0,drive=disk0,bootindex=0',
        'virtio-blk-pci,serial=disk1,drive=disk1',
      ]),
    );
  });

  it('adds the devices that are asked for', () => {
    const devices = ['i6300esb', 'virtio-balloon-pci'];
    expect(valuesOf('-device', { ...MACHINE, devices })).toEqual([
      ...valuesOf('-device', MACHINE),
      ...devices,
    ]);
  });

  it('lets the guest reboot when asked to', () => {
    expect(qemuArgs({ ...MACHINE, rebootEnds: false })).not.toContain('-no-reboot');
  });

  it('binds every forward to the loopback of the host', () => {
    const publish = [
      { host: 1, guest: 2 },
      { host: 3, guest: 4 },
    ];
    expect(valuesOf('-netdev', { ...MACHINE, publish })).toEqual([
      'user,id=net0,hostfwd=tcp:127.0.0.1:1-:2,hostfwd=tcp:127.0.0.1:3-:4',
    ]);
  });
});
