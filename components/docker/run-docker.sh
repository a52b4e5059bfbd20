#!/bin/sh
# Without a program of the machine that the kernel could ask for modules, what dockerd's rules and networks need is
# loaded before. A kernel that has them built in is none of our business, and what is missing dockerd tells.
set -eu
modprobe -abq overlay bridge br_netfilter veth vxlan nf_conntrack nf_nat nft_compat nft_chain_nat xt_addrtype xt_conntrack \
  xt_MASQUERADE xt_nat xt_mark xt_comment xt_tcpudp xt_multiport xt_REDIRECT ipt_REJECT nf_conntrack_netlink ip_vs ip_vs_rr \
  xt_ipvs 2>/dev/null || :
[ ! -s /hostroot/etc/docker/daemon.json ] || set -- --config-file /hostroot/etc/docker/daemon.json "$@"
exec docker-init -- dockerd --host "$DOCKER_HOST" --exec-root /run/dockerd "$@"
