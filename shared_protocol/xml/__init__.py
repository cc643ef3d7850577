"""XML of a stream: strict framing, plain elements, our own writer."""
