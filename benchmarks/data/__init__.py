"""Synthetic trades in every form that a measurement needs: pages, Avro, Arrow, topics, lakes."""
