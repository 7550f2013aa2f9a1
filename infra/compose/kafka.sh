#!/bin/bash
# Run the broker with the settings that the public image takes: KAFKA_LOG_DIRS sets log.dirs, and so
# on. The first start formats its data folder.
set -euo pipefail

properties=/tmp/server.properties
for name in $(compgen -v KAFKA_ | grep -v -e '^KAFKA_HEAP_OPTS$'); do
    key=${name#KAFKA_}
    key=${key,,}
    echo "${key//_/.}=${!name}"
done >$properties

java=(java ${KAFKA_HEAP_OPTS:-} -Dlog4j2.configurationFile=/opt/kafka/log4j2.properties
    -cp '/opt/kafka/libs/*')
if [ ! -e "$KAFKA_LOG_DIRS/meta.properties" ]; then
    # Log lines come before it.
    id=$("${java[@]}" kafka.tools.StorageTool random-uuid | tail -n 1)
    "${java[@]}" kafka.tools.StorageTool format --cluster-id "$id" --config $properties
fi
exec "${java[@]}" kafka.Kafka $properties
