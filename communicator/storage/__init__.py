"""What the communicator keeps on disk: messages, outbox, drafts, cached roster, preferences."""
