"""What messages carry beside their text: ids, receipts, chat states."""
