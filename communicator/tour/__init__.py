"""``parlour --tour DIR``: the real program and a real server, driven by keys and clicks."""
