"""Every feature of the server, each a module with ``attach(host)`` and ``detach()``."""
