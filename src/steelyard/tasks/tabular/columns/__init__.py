"""How the columns of each role become numbers; `TableEncoder` puts the parts together."""
