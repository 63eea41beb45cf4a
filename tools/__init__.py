"""Scripts for developers: generated stubs, generated pages."""
