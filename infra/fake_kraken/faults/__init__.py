"""The faults that the stand-in can produce, and when each of them strikes."""
