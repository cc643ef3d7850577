"""One module for each feature: values above, plain elements below."""
