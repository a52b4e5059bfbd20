#!/bin/sh
# Makes this machine part of a swarm, once; what it is to be is in files, as `metadata` writes them to /run/config/swarm:
#   advertise   the address or interface that others reach this machine at
#   manager     the address of a manager; without it this machine begins a swarm
#   token       the token of that swarm, for a worker or a manager
# Images that the machine carries, archives in /images, are there before anybody may want them.
set -eu
config=${1:-/run/config/swarm}
value() { [ ! -s "$config/$1" ] || cat "$config/$1"; }
advertise=$(value advertise)
manager=$(value manager)
token=$(value token)

until docker info >/dev/null 2>&1; do sleep 1; done
for archive in /images/*; do
  [ ! -f "$archive" ] || docker load --quiet --input "$archive"
done
if [ "$(docker info --format '{{.Swarm.LocalNodeState}}')" = inactive ]; then
  set -- ${advertise:+--advertise-addr "$advertise"}
  if [ -z "$manager" ]; then
    docker swarm init "$@" >/dev/null
  else
    docker swarm join "$@" --token "$token" "$manager:2377"
  fi
fi
docker info --format 'swarm: {{.Swarm.LocalNodeState}} at {{.Swarm.NodeAddr}}'
