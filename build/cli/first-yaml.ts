/** The file that `ishmael new` writes. Pure. */

/** @param schema where the JSON Schema is, for editors that check and complete YAML by it */
export function firstYaml(schema: string): string {
  return `# yaml-language-server: $schema=${schema}
# One file is one machine. Every key: docs/yaml.md.
kernel:
  image: ishmael/kernel
  cmdline: 'console=ttyS0 console=tty0'
# Unpacked over one another into the root: PID 1, and the runtime of containers.
init:
  - ishmael/init
  - ishmael/crun
# Run once, one after another, before any service.
onboot:
  - name: hello
    image: ishmael/busybox
    command: [/bin/echo, 'call me Ishmael']
# Run as long as the machine does, and are started again when they end.
services:
  - name: dhcpcd
    image: ishmael/dhcpcd
    binds:
      - /var:/var
      - /tmp/etc:/etc
    capabilities:
      - CAP_NET_ADMIN
      - CAP_NET_BIND_SERVICE
      - CAP_NET_RAW
  - name: redis
    image: ishmael/redis
    capabilities:
      - CAP_CHOWN
      - CAP_SETUID
      - CAP_SETGID
      - CAP_DAC_OVERRIDE
    healthcheck:
      tcp: 6379
# What containers may do where the file does not say: "ishmael explain" lists it.
defaults: hardened
files:
  - path: etc/motd
    contents: 'The machine that survives.'
    mode: '0644'
`;
}
