"""One chart a file: plain numbers in, one piece of inline SVG out."""
