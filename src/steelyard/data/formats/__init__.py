"""One file a format: each turns a checked file into named columns, in batches of Arrow text or typed values.

`survey` looks at a file first, the readers open it, and `columns` decides once for all formats what cells mean.
"""
