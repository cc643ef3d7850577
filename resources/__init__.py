"""Files that the programs carry with them: icons, pictures of the themes, translations."""
