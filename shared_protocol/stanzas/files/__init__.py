"""Files: slots for uploads, and byte streams through a proxy."""
