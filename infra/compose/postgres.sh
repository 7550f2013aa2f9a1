#!/bin/sh
# Run PostgreSQL with the settings that the public image takes: POSTGRES_USER, _PASSWORD and _DB.
# The first start creates its data folder.
set -eu

if [ ! -e "$PGDATA/PG_VERSION" ]; then
    # Created in another folder and then moved, so that an interrupted start leaves nothing partial.
    rm -rf "$PGDATA/new"
    printf %s "$POSTGRES_PASSWORD" >/tmp/password
    initdb --pgdata "$PGDATA/new" --username "$POSTGRES_USER" --pwfile /tmp/password \
        --encoding UTF8 --locale C.UTF-8 --auth scram-sha-256
    rm /tmp/password
    echo "host all all all scram-sha-256" >>"$PGDATA/new/pg_hba.conf"
    echo "CREATE DATABASE $POSTGRES_DB" |
        postgres --single -D "$PGDATA/new" postgres >/dev/null
    # PG_VERSION marks the folder as complete, so it is moved last.
    find "$PGDATA/new" -mindepth 1 -maxdepth 1 ! -name PG_VERSION -exec mv -t "$PGDATA" {} +
    mv "$PGDATA/new/PG_VERSION" "$PGDATA"
    rmdir "$PGDATA/new"
fi
exec postgres -c listen_addresses='*' -c unix_socket_directories=/var/run/postgresql
