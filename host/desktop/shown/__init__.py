"""How the panels of modules are drawn: one file for a panel, for its kinds of widgets, for what these draw by hand."""
