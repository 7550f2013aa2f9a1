"""An S3 server on loopback: versitygw, built from its Go module."""
