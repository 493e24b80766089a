"""The gate: scripts that check the whole. The product does not import them."""
