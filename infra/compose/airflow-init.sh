#!/bin/sh
# Runs before Airflow starts: creates its tables, the login from AIRFLOW_USER and AIRFLOW_PASSWORD,
# and, the first time, the secret with which its services authenticate to each other.
set -eu
umask 077

secret=$AIRFLOW_HOME/jwt-secret
[ -s "$secret" ] || head -c 32 /dev/urandom | base64 >"$secret"
python3 -c 'import json, os; print(json.dumps({os.environ["AIRFLOW_USER"]: os.environ["AIRFLOW_PASSWORD"]}))' \
    >"$AIRFLOW_HOME/passwords.json"
exec airflow db migrate
