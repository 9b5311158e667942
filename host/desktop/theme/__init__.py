"""How the window looks: colours, palette, style sheet, icons and glyphs."""
