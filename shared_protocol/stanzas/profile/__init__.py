"""What people say about themselves, and keep for themselves: vCards, avatars, bookmarks."""
