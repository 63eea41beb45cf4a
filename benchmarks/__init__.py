"""Comparisons with peers, side by side in one run; they print the tables the documentation shows."""
