#!/bin/sh
# As apache/kafka's own: the health check asks the broker with it.
exec java -XX:TieredStopAtLevel=1 -Xmx64m \
    -Dlog4j2.configurationFile=/opt/kafka/config/log4j2.properties \
    -cp '/opt/kafka/libs/*' kafka.admin.ConfigCommand "$@"
