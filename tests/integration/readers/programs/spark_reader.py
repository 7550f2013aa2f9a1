"""Spark SQL, with the archives of Delta Lake in SPARK_JARS."""

import os
from functools import cache

import sql
from asking import answer
from pyspark import __version__
from pyspark.sql import SparkSession

VWAP = """
    SELECT symbol, double(sum(price * volume)) / double(sum(volume)) FROM trades GROUP BY symbol
"""


@cache
def session():
    builder = SparkSession.builder.master("local[2]").appName("readers")
    settings = {
        "spark.jars": os.environ["SPARK_JARS"],
        "spark.sql.extensions": "io.delta.sql.DeltaSparkSessionExtension",
        "spark.sql.catalog.spark_catalog": "org.apache.spark.sql.delta.catalog.DeltaCatalog",
        "spark.sql.session.timeZone": "UTC",
        # Small questions, many of them: less to start and to compile for each.
        "spark.sql.shuffle.partitions": "1",
        "spark.sql.codegen.wholeStage": "false",
        "spark.databricks.delta.snapshotPartitions": "1",
        "spark.driver.extraJavaOptions": "-XX:TieredStopAtLevel=1",
        "spark.ui.enabled": "false",
        "spark.driver.bindAddress": "127.0.0.1",
        "spark.driver.host": "127.0.0.1",
    }
    for name, value in settings.items():
        builder = builder.config(name, value)
    return builder.getOrCreate()


def files(lake):
    return session().read.option("mergeSchema", "true").parquet(f"{lake}/KRAKEN")


def files_by_one(lake):
    return session().read.parquet(f"{lake}/KRAKEN")


def delta(lake):
    return session().read.format("delta").load(lake)


def ask(trades, query):
    session().conf.set("spark.sql.decimalOperations.allowPrecisionLoss", "false")
    return rows_of(trades, query)


def by_default(trades, query):
    session().conf.unset("spark.sql.decimalOperations.allowPrecisionLoss")
    return rows_of(trades, query)


def rows_of(trades, query):
    found = session().sql(query.replace("FROM trades", "FROM {trades}"), trades=trades)
    return [tuple(row) for row in found.collect()]


answer(
    {"spark": __version__},
    {"files": files, "delta": delta},
    {
        **sql.questions(ask, vwap=VWAP),
        "turnover as it comes": lambda trades: dict(by_default(trades, sql.TURNOVER)),
        "vwap as it comes": lambda trades: dict(by_default(trades, VWAP)),
    },
    {
        "files by the columns of one": (files_by_one, ("feed",)),
    },
)
