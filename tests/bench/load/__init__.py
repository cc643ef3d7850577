"""Load from outside: this server beside Prosody and ejabberd, in one run, on loopback.

``python -m tests.bench.load`` measures the processor time of each server per operation.
"""
