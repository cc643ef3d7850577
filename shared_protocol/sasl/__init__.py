"""Login as step functions: SCRAM with and without channel binding, PLAIN (RFC 4422)."""
