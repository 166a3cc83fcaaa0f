"""The panes of the reading screen: what they are about and how that is drawn, which is pure, and their widgets."""
