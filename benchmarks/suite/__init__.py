"""The measurements that `make bench` makes."""
