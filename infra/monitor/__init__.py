"""Checks for Airflow: whether the services answer, and whether the stream makes progress."""
