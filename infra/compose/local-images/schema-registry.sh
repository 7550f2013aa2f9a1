#!/bin/sh
# Apicurio, with its Confluent API, in place of Confluent's registry; its journal is kept in Kafka.
set -eu
exec java ${SCHEMA_REGISTRY_HEAP_OPTS:-} -XX:+UseSerialGC -XX:+ExitOnOutOfMemoryError \
    -Dapicurio.storage.kind=kafkasql \
    -Dapicurio.kafkasql.bootstrap.servers="$SCHEMA_REGISTRY_KAFKASTORE_BOOTSTRAP_SERVERS" \
    -Dapicurio.kafkasql.consumer.poll.timeout=500 \
    -Dapicurio.kafkasql.snapshot.every.seconds=off \
    -Dquarkus.http.access-log.enabled=false \
    -Dquarkus.http.host=0.0.0.0 -Dquarkus.http.port=8081 \
    -jar /opt/apicurio/apicurio-registry-app-*-runner.jar
