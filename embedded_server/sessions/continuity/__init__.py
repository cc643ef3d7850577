"""What lets a session outlive its streams: acknowledgements, queues, resumption (XEP-0198)."""
