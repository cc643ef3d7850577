"""The desktop communicator."""
