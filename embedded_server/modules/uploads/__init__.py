"""Files over HTTPS (XEP-0363): slots, the files on disk, and what their addresses answer."""
