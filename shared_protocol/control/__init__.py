"""The line between a server and the program that looks after it: values, lines, proofs; no I/O."""
