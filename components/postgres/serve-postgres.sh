#!/bin/sh
# Makes a cluster the first time, and is the server from then on.
set -eu

data=/var/lib/postgresql/17
as_postgres() {
  program=$1
  shift
  start-stop-daemon -S -q -c postgres:postgres -x "/usr/lib/postgresql/17/bin/$program" -- "$@"
}

mkdir -p /run/postgresql "$data"
chown postgres:postgres /run/postgresql /var/lib/postgresql "$data"
chmod 700 "$data"
if [ ! -e "$data/PG_VERSION" ]; then
  # Unfinished: a power cut came in between.
  rm -rf "$data.new"
  umask 077
  password=${POSTGRES_PASSWORD:-}
  if [ -n "${POSTGRES_PASSWORD_FILE:-}" ]; then password=$(cat "$POSTGRES_PASSWORD_FILE"); fi
  if [ -n "$password" ]; then
    echo "$password" >/run/postgresql/password
    chown postgres:postgres /run/postgresql/password
  fi
  as_postgres initdb --pgdata "$data.new" --encoding UTF8 --locale-provider builtin --builtin-locale C.UTF-8 \
    --locale C --auth-local peer --auth-host scram-sha-256 ${password:+--pwfile /run/postgresql/password}
  rm -f /run/postgresql/password
  echo 'host all all all scram-sha-256' >>"$data.new/pg_hba.conf"
  rm -rf "$data"
  mv "$data.new" "$data"
fi
unset POSTGRES_PASSWORD
exec start-stop-daemon -S -q -c postgres:postgres -x /usr/lib/postgresql/17/bin/postgres -- \
  -D "$data" -c listen_addresses='*' -c unix_socket_directories=/run/postgresql -c jit=off "$@"
