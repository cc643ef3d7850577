"""Files that the programs carry with them: icons."""
