"""Kafka as the stream uses it: the topic, its offsets, options, records read one by one."""
