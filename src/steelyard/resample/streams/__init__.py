"""Resampling of tables larger than memory: pieces of rows, passes over them, and what is kept in between."""
