"""The screens over the reading screen: what picks and what asks."""
