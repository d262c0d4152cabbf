"""Sessions of the engine as the console keeps them: shells, logs, files and ports. No Textual here."""
