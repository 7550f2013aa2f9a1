#!/bin/sh
# Run PostgreSQL on the settings that the public image takes: POSTGRES_USER, _PASSWORD and _DB.
# Its data folder is made the first time.
set -eu

if [ ! -e "$PGDATA/PG_VERSION" ]; then
    # Made elsewhere and moved, so that a start cut short leaves nothing half made.
    rm -rf "$PGDATA/new"
    printf %s "$POSTGRES_PASSWORD" >/tmp/password
    initdb --pgdata "$PGDATA/new" --username "$POSTGRES_USER" --pwfile /tmp/password \
        --encoding UTF8 --locale C.UTF-8 --auth scram-sha-256
    rm /tmp/password
    echo "host all all all scram-sha-256" >>"$PGDATA/new/pg_hba.conf"
    echo "CREATE DATABASE $POSTGRES_DB" |
        postgres --single -D "$PGDATA/new" postgres >/dev/null
    # PG_VERSION tells that the folder is whole, so it comes last.
    find "$PGDATA/new" -mindepth 1 -maxdepth 1 ! -name PG_VERSION -exec mv -t "$PGDATA" {} +
    mv "$PGDATA/new/PG_VERSION" "$PGDATA"
    rmdir "$PGDATA/new"
fi
exec postgres -c listen_addresses='*' -c unix_socket_directories=/var/run/postgresql
