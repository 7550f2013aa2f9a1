#!/bin/sh
# Stands in for the entry point of apache/kafka: KAFKA_LOG_DIRS=... becomes log.dirs=..., the storage
# is formatted once, and the broker takes the place of this shell.
set -eu
settings=/tmp/server.properties
env | sed -n 's/^KAFKA_\([A-Z_]*\)=/\1=/p' | grep -v '^HEAP_OPTS=' |
    awk -F= '{ key = tolower($1); gsub("_", ".", key); sub("^[^=]*=", ""); print key "=" $0 }' >"$settings"
run() {
    java ${KAFKA_HEAP_OPTS:-} -Dlog4j2.configurationFile=/opt/kafka/config/log4j2.properties \
        -cp '/opt/kafka/libs/*' "$@"
}
run kafka.tools.StorageTool format --ignore-formatted --cluster-id "$CLUSTER_ID" --config "$settings"
exec java ${KAFKA_HEAP_OPTS:-} -XX:+ExitOnOutOfMemoryError \
    -Dlog4j2.configurationFile=/opt/kafka/config/log4j2.properties \
    -cp '/opt/kafka/libs/*' kafka.Kafka "$settings"
