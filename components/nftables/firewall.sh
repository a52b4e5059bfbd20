#!/bin/sh
# Without a program of the machine that the kernel could ask for modules, what rules need is loaded before them.
# A kernel that has them built in, or lacks one that no rule asks for, is none of our business: nft tells.
modprobe -abq nf_tables nft_ct nft_log nft_limit nft_reject_inet nft_nat nft_masq nft_redir nft_chain_nat \
  nft_fib_inet nft_numgen nft_hash 2>/dev/null
exec nft --file "${1:-/etc/nftables.conf}"
