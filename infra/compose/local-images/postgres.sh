#!/bin/sh
# Stands in for the entry point of the postgres image: makes the user's database once, then serves it.
set -eu
if [ ! -s "$PGDATA/PG_VERSION" ]; then
    password=$(mktemp)
    printf '%s\n' "$POSTGRES_PASSWORD" >"$password"
    # A first start cut short leaves a folder that initdb refuses.
    find "$PGDATA" -mindepth 1 -delete
    initdb --username "$POSTGRES_USER" --pwfile "$password" --auth-host scram-sha-256 \
        --auth-local trust --encoding UTF8 --no-sync >/dev/null
    rm "$password"
    echo 'host all all all scram-sha-256' >>"$PGDATA/pg_hba.conf"
    echo "CREATE DATABASE \"$POSTGRES_DB\"" |
        postgres --single -D "$PGDATA" postgres >/dev/null
fi
exec postgres -c listen_addresses='*'
