"""The window's translations: gettext catalogues, a .po for each language but English, with the .mo made of it."""
