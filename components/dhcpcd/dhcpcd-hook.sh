#!/bin/sh
# Called by dhcpcd on every event of an interface: puts the name servers of all leases into
# /etc/resolv.conf. Shell builtins only: every program started here is time until the network is up.
# The file is rewritten in place, never renamed: containers that bind it keep seeing this inode.

[ "$if_configured" = true ] || exit 0
lease=/run/dhcpcd/resolv.$interface

# A DHCP server's words go into a file that others parse: only what a host name or address can hold.
clean() {
	for word in "$@"; do
		case $word in
		*[!A-Za-z0-9.:_-]*) ;;
		*) printf ' %s' "$word" ;;
		esac
	done
}

if [ "$if_up" = true ]; then
	{
		search=$(clean ${new_domain_search:-$new_domain_name})
		[ -z "$search" ] || echo "search$search"
		for server in $(clean $new_domain_name_servers); do
			echo "nameserver $server"
		done
	} >"$lease"
elif [ "$if_down" = true ]; then
	: >"$lease"
else
	exit 0
fi

for file in /run/dhcpcd/resolv.*; do
	while read -r line; do
		echo "$line"
	done <"$file"
done >/etc/resolv.conf
