"""An office's day in an hour: mixed load on one server, watched for memory, loss and latency.

``python -m tests.soak --seconds 3600 --sessions 2500`` prints a line a minute and a verdict.
"""
